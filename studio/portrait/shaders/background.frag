// Lyme Bay in the evening, painted once: sky with a glow behind her, sea, the cliffs of the Blue Lias.

uniform vec2 view_size;
uniform vec2 view_centre;
uniform float view_half;
uniform float horizon;       // head units

layout(location = 0) out vec4 out_colour;   // sRGB-like
layout(location = 1) out vec4 out_normal;   // xy: direction of the brush

vec3 tone(vec3 c) { return pow(saturate((c * (2.51 * c + 0.03)) / (c * (2.43 * c + 0.59) + 0.14)), vec3(1.0 / 2.2)); }

void main()
{
    vec2 p = (gl_FragCoord.xy - 0.5 * view_size) * (2.0 * view_half / view_size.y) + view_centre;
    float x = p.x, y = p.y, above = saturate((y - horizon) / 2.6);
    float cloud = fbm(vec3(x * 0.55 + 3.0, y * 1.1, 4.0)), wisp = fbm(vec3(x * 1.7, y * 2.6, 9.0));
    vec3 sky = mix(vec3(0.175, 0.120, 0.070), vec3(0.040, 0.046, 0.050), saturate(1.25 * above + 0.1));
    sky += vec3(0.20, 0.128, 0.062) * exp(-(0.55 * square(x + 1.0) + 1.1 * square(y + 0.25)));
    float bank = ramp(0.42, 0.62, fbm(vec3(x * 0.8 + 1.0, y * 2.4, 14.0)));
    sky *= (0.55 + 0.95 * cloud + 0.25 * wisp) * (1.0 - 0.22 * bank);
    float depth = saturate(0.8 * (horizon - y));
    float wave = noise(vec3(x * 2.2, y * 26.0, 2.0));
    vec3 sea = mix(vec3(0.085, 0.078, 0.058), vec3(0.020, 0.024, 0.022), saturate(1.5 * depth)) * (0.75 + 0.5 * wave);
    sea += vec3(0.09, 0.06, 0.03) * exp(-3.0 * square(x + 1.0)) * wave * saturate(1.0 - 2.0 * depth);
    float west = horizon + 0.62 * ramp(-1.75, -2.9, x) + 0.15 * ramp(-2.15, -2.75, x)
               + 0.05 * (noise(vec3(x * 2.3, 0.0, 5.0)) - 0.5) * ramp(-1.6, -2.2, x);
    float east = horizon + 0.95 * ramp(1.5, 2.55, x) + 0.55 * ramp(2.3, 2.5, x)
               + 0.12 * (noise(vec3(x * 2.5, 3.0, 5.0)) - 0.5) * ramp(1.3, 1.9, x);
    // The Blue Lias lies in bands of limestone and shale, dipping a little to the east.
    float strata = 0.5 + 0.5 * sin((y - 0.10 * x) * 52.0 + 3.0 * fbm(vec3(x * 1.5, y * 2.0, 1.0)));
    vec3 west_rock = mix(vec3(0.078, 0.058, 0.034), vec3(0.040, 0.036, 0.024), fbm(vec3(x * 2.0, y * 5.0, 0.0))) * (0.85 + 0.3 * strata);
    vec3 east_rock = mix(vec3(0.056, 0.041, 0.025), vec3(0.020, 0.019, 0.014), fbm(vec3(x * 2.0, y * 4.0, 3.0))) * (0.72 + 0.5 * strata);
    float in_west = ramp(0.012, -0.012, y - west) * ramp(-1.5, -1.8, x) * ramp(-0.03, 0.03, y - horizon);
    float in_east = ramp(0.03, -0.03, y - east) * ramp(1.45, 1.75, x) * ramp(-0.10, 0.0, y - horizon);
    vec3 c = mix(sky, sea, ramp(0.02, -0.02, y - horizon));
    c = mix(mix(c, west_rock, 0.95 * in_west), east_rock, 0.92 * in_east);
    c *= 0.35 + 0.65 * exp(-(0.10 * x * x + 0.14 * square(y + 0.3)));
    float sway = 2.2 * noise(vec3(x * 0.7, y * 0.8, 21.0)) - 0.7;
    sway = mix(sway, 0.35 * (noise(vec3(x * 2.0, y * 9.0, 22.0)) - 0.5), ramp(0.05, -0.02, y - horizon));
    sway = mix(sway, 0.9 * (noise(vec3(x * 2.0, y * 3.0, 23.0)) - 0.5) + 0.1, saturate(in_west + in_east));
    out_colour = vec4(tone(c), 1.0);
    out_normal = vec4(cos(sway), sin(sway), 0.0, 0.0);
}
