// For the tall format: a ledge of Blue Lias with her hammer, an ammonite and two belemnites. World space.

const float LEDGE_TOP = -3.02;
const vec3 SHELL_CENTRE = vec3(-0.76, -2.63, 1.02);
const float SHELL_RADIUS = 0.43;
const vec3 HAMMER_HEAD = vec3(0.42, -2.93, 0.92), HAMMER_END = vec3(1.62, -2.93, 1.42);

float ledge(vec3 p)
{
    float chipped = 0.030 * fbm(p * vec3(2.2, 5.0, 2.2)) + 0.010 * noise(p * 13.0);
    float bed = 0.012 * ridge(fract(p.y * 3.1 + 0.2 * noise(p * 1.5)) - 0.5, 0.10);
    return box(p, vec3(0.0, LEDGE_TOP - 0.60, 0.95), vec3(3.2, 0.62, 0.72), 0.05) + chipped + bed - 0.02;
}

// The shell stands tilted on the ledge; its own axes, z out of its flat side.
vec3 to_shell(vec3 p)
{
    vec3 q = p - SHELL_CENTRE;
    const float lean = 0.42, turn = 0.30;
    q.xz = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * q.xz;
    q.yz = mat2(cos(lean), sin(lean), -sin(lean), cos(lean)) * q.yz;
    return q / SHELL_RADIUS;
}
// Height of the coiled tube over the disc, with ribs across it. Whorls widen by GROWTH a turn.
const float GROWTH = 2.3;
vec2 coil(vec2 xy)
{
    float r = length(xy), angle = atan(xy.y, xy.x);
    float turns = log(max(r, 0.02)) / log(GROWTH) - angle / 6.28319;
    float across = abs(fract(turns) - 0.5) * 2.0;        // 0 crest of the whorl .. 1 seam
    float rib = sin((angle + 6.28319 * floor(turns)) * 15.0 + 1.2 * across);
    return vec2(sqrt(max(1.0 - across * across * 0.92, 0.0)), rib) * ramp(0.05, 0.2, r);
}
float shell(vec3 p)
{
    vec3 q = to_shell(p);
    float r = length(q.xy);
    vec2 c = coil(q.xy);
    float thick = 0.10 + 0.20 * r;
    float d = ellipsoid(q, vec3(0.0), vec3(1.0, 1.0, 0.20)) - (0.17 * (c.x - 0.55) * thick * 3.0 + 0.018 * c.y) * ramp(1.05, 0.9, r);
    return d * SHELL_RADIUS * 0.5;
}

float hammer_head(vec3 p)
{
    vec3 q = p - HAMMER_HEAD;
    const float turn = 0.55;   // across the shaft
    q.xz = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * q.xz;
    float taper = 0.105 - 0.075 * ramp(0.05, 0.42, q.z);   // one end a chisel
    vec3 size = vec3(0.105, max(taper, 0.02), 0.40);
    vec3 e = abs(q) - size + 0.02;
    return (length(max(e, 0.0)) + min(max(e.x, max(e.y, e.z)), 0.0) - 0.02) * 0.8;
}

vec2 prop_part(vec3 p)
{
    vec2 best = vec2(ledge(p) * 0.8, STONE);
    nearer(best, shell(p), FOSSIL);
    nearer(best, capsule(p, HAMMER_HEAD - 0.12 * normalize(HAMMER_END - HAMMER_HEAD), HAMMER_END, 0.052, 0.062), WOOD);
    nearer(best, hammer_head(p), IRON);
    nearer(best, capsule(p, vec3(0.02, -2.975, 1.42), vec3(0.34, -2.985, 1.50), 0.046, 0.008), FOSSIL);
    nearer(best, capsule(p, vec3(-0.16, -2.970, 1.34), vec3(0.12, -2.985, 1.22), 0.050, 0.010), FOSSIL);
    return best;
}
