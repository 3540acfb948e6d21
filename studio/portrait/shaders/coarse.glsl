// What was found at every COARSE-th pixel, carried to the pixels between: from neighbours that lie
// on the same piece of surface, so that nothing leaks over an outline.

uniform sampler2D positions;   // world xyz, material
uniform sampler2D soft;        // green and red normals, xy each; skin only
uniform sampler2D occlusion;   // ambient, key

struct Coarse {
    float ambient, key;
    vec4 soft;
};

const float SAME_SURFACE = 0.02;      // head units
const float OTHER_MATERIAL = 0.02;    // weight of a neighbour made of something else

Coarse coarse_at(ivec2 pixel, vec4 position, vec3 n)
{
    ivec2 base = pixel / COARSE, last = textureSize(occlusion, 0) - 1;
    vec2 off = vec2(pixel - base * COARSE) / float(COARSE);
    vec2 light = vec2(0.0);
    vec4 normals_ = 1e-9 * n.xyxy;
    float total = 0.0, total_skin = 1e-9;
    for (int i = 0; i < 4; i++) {
        ivec2 step_ = ivec2(i & 1, i >> 1), at = min(base + step_, last);
        vec4 there = texelFetch(positions, at * COARSE, 0);
        vec2 share = mix(1.0 - off, off, vec2(step_));
        vec3 away = (there.xyz - position.xyz) / SAME_SURFACE;
        float far_ = dot(away, away);
        float w = (share.x * share.y + 1e-4) / (1.0 + far_ * far_);
        if (there.w != position.w) w *= OTHER_MATERIAL;
        if (there.w == BACKGROUND) w = 0.0;
        light += w * texelFetch(occlusion, at, 0).xy;
        total += w;
        if (there.w == SKIN) { normals_ += w * texelFetch(soft, at, 0); total_skin += w; }
    }
    if (total == 0.0) light = vec2(1.0);   // a thread thinner than COARSE: in the open
    light /= total == 0.0 ? 1.0 : total;
    return Coarse(light.x, light.y, normals_ / total_skin);
}
