// What ledge, shell and hammer are made of.

Surface prop_surface(vec3 p, float id)
{
    if (id == WOOD) {
        float grain = noise(vec3(p.x * 4.0, p.yz * 60.0));
        return Surface(mix(vec3(0.115, 0.062, 0.028), vec3(0.215, 0.125, 0.058), grain), 0.45, 0.03);
    }
    if (id == IRON) {
        float rust = ramp(0.45, 0.7, fbm(p * 9.0));
        return Surface(mix(vec3(0.050, 0.050, 0.052), vec3(0.115, 0.052, 0.026), rust), mix(0.34, 0.7, rust), 0.10 * (1.0 - 0.7 * rust));
    }
    if (id == FOSSIL) {
        vec3 q = to_shell(p);
        vec2 c = length(q) < 1.4 ? coil(q.xy) : vec2(0.7, 0.0);
        vec3 stone = mix(vec3(0.070, 0.052, 0.036), vec3(0.30, 0.225, 0.135), saturate(0.15 + 0.75 * c.x + 0.18 * c.y));
        float matrix_ = ramp(0.50, 0.64, fbm(p * 7.0));   // rock still clinging to it
        stone = mix(stone, vec3(0.085, 0.082, 0.078), 0.7 * matrix_);
        return Surface(stone * (0.75 + 0.5 * noise(p * 26.0)), 0.55, 0.025);
    }
    float lichen = ramp(0.52, 0.62, fbm(p * 4.0 + 2.0)), grain = noise(p * 40.0);
    vec3 c = mix(vec3(0.075, 0.078, 0.080), vec3(0.125, 0.120, 0.108), fbm(p * 3.0)) * (0.75 + 0.5 * grain);
    return Surface(mix(c, vec3(0.135, 0.125, 0.070), 0.5 * lichen), 0.8, 0.015);
}
