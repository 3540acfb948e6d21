// From where rays have to be marched, or that none meets the part: one cone goes on while the part
// lies wholly outside it. First one for every tile of the picture; then, in the tiles that are left
// (INSIDE_TILES), one for every small square.

uniform float cone_px;       // width of the cone, px of the picture

#ifdef INSIDE_TILES
flat in float v_start;
uniform sampler2D normals;   // w: how far away what is drawn already lies, 0 where nothing is

// Whether other parts hide the whole square.
bool hidden(float t)
{
    ivec2 corner = ivec2(gl_FragCoord.xy) * CONE_PX;
    const float ROUNDING = 0.02;   // of the half floats that depth is kept in
    float farthest = 0.0, nearest = 1e9;
    for (int i = 0; i < CONE_PX * CONE_PX; i++) {
        float depth = texelFetch(normals, corner + ivec2(i % CONE_PX, i / CONE_PX), 0).w;
        farthest = max(farthest, depth);
        nearest = min(nearest, depth);
    }
    return nearest > 0.0 && farthest < t - ROUNDING;
}
#endif

layout(location = 0) out float out_start;   // distance from the camera; -1: nothing here

void main()
{
    Ray ray = view_ray(gl_FragCoord.xy * cone_px);
    float widen = 0.7072 * (cone_px + 1.0) * 2.0 * view_half / view_size.y / CAMERA_DISTANCE;
    float t, t_end;
    bool near_ = through_sphere(ray, part_bounds.xyz, part_bounds.w + widen * CAMERA_DISTANCE, t, t_end);
#ifdef INSIDE_TILES
    t = v_start;
#endif
    for (int i = 0; near_ && i < MARCH_STEPS; i++) {
        float room = part(ray.origin + ray.direction * t).x * STEP, radius = widen * t;
        if (room < 1.3 * radius || t > t_end) break;
        t += room - radius;
    }
    out_start = near_ && t <= t_end ? t : -1.0;
#ifdef INSIDE_TILES
    if (hidden(t)) out_start = -1.0;
#endif
}
