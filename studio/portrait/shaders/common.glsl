// Distance fields, blends and noise that every part uses.
// Lengths are head units: 1 = 10 cm, origin between the eyes, +x to the viewer's right, +z towards him.

float saturate(float x) { return clamp(x, 0.0, 1.0); }
vec3 saturate(vec3 x) { return clamp(x, 0.0, 1.0); }
float square(float x) { return x * x; }

// smoothstep that may also run downwards (edge a above edge b), which GLSL leaves undefined.
float ramp(float a, float b, float x)
{
    float t = saturate((x - a) / (b - a));
    return t * t * (3.0 - 2.0 * t);
}

// The exact distance to an ellipsoid has no closed form; this first-order one is good near it.
float ellipsoid(vec3 p, vec3 centre, vec3 radii)
{
    vec3 q = (p - centre) / radii;
    float k0 = length(q), k1 = length(q / radii);
    return k0 * (k0 - 1.0) / (k1 + 1e-6);
}

float sphere(vec3 p, vec3 centre, float radius) { return length(p - centre) - radius; }

float capsule(vec3 p, vec3 a, vec3 b, float radius_a, float radius_b)
{
    vec3 pa = p - a, ba = b - a;
    float h = saturate(dot(pa, ba) / dot(ba, ba));
    return length(pa - h * ba) - mix(radius_a, radius_b, h);
}

float box(vec3 p, vec3 centre, vec3 half_size, float rounding)
{
    vec3 q = abs(p - centre) - half_size + rounding;
    return length(max(q, 0.0)) + min(max(q.x, max(q.y, q.z)), 0.0) - rounding;
}

// Union and intersection with a fillet of width k.
float smin(float a, float b, float k)
{
    float h = max(k - abs(a - b), 0.0) / k;
    return min(a, b) - h * h * k * 0.25;
}
float smax(float a, float b, float k) { return -smin(-a, -b, k); }

// A smooth hill of height 1 that is exactly 0 outside its support: what the sculptor's thumb does.
float bump(vec3 p, vec3 centre, vec3 support)
{
    vec3 q = (p - centre) / support;
    float w = max(1.0 - dot(q, q), 0.0);
    return w * w * w;
}
float bump(vec2 p, vec2 centre, vec2 support)
{
    vec2 q = (p - centre) / support;
    float w = max(1.0 - dot(q, q), 0.0);
    return w * w * w;
}
// The same along one axis, half-width w.
float ridge(float x, float w)
{
    float q = max(1.0 - square(x / w), 0.0);
    return q * q;
}

// Noise comes from integers: the same on every driver, so loops rendered on two machines join.
uint hash(uint x)
{
    x ^= x >> 16; x *= 0x7feb352du; x ^= x >> 15; x *= 0x846ca68bu; x ^= x >> 16;
    return x;
}
float unit_hash(uint x) { return float(hash(x) & 0xffffffu) / 16777216.0; }
const uvec3 LATTICE = uvec3(73856093u, 19349663u, 83492791u);
const float LATTICE_UNIT = 1.0 / 16777216.0;

// 24 random bits for a corner; by way of int, which processors turn into float in one go.
float bits(uint h)
{
    h ^= h >> 13; h *= 0x5bd1e995u; h ^= h >> 15;
    return float(int(h & 0xffffffu));
}
float lattice(ivec3 c)
{
    uvec3 k = uvec3(c) * LATTICE;
    return bits(k.x ^ k.y ^ k.z) * LATTICE_UNIT;
}
// Going to the next corner is one addition, not a product: this is where most of a frame's time goes.
float noise(vec3 p)
{
    vec3 cell = floor(p), f = p - cell;
    uvec3 k = uvec3(ivec3(cell)) * LATTICE, l = k + LATTICE;
    f = f * f * (3.0 - 2.0 * f);
    float near_ = mix(mix(bits(k.x ^ k.y ^ k.z), bits(l.x ^ k.y ^ k.z), f.x),
                      mix(bits(k.x ^ l.y ^ k.z), bits(l.x ^ l.y ^ k.z), f.x), f.y);
    float far_ = mix(mix(bits(k.x ^ k.y ^ l.z), bits(l.x ^ k.y ^ l.z), f.x),
                     mix(bits(k.x ^ l.y ^ l.z), bits(l.x ^ l.y ^ l.z), f.x), f.y);
    return mix(near_, far_, f.z) * LATTICE_UNIT;
}
float noise(vec2 p)
{
    vec2 cell = floor(p), f = p - cell;
    uvec2 k = uvec2(ivec2(cell)) * LATTICE.xy, l = k + LATTICE.xy;
    k.y ^= 7u * LATTICE.z; l.y ^= 7u * LATTICE.z;
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(bits(k.x ^ k.y), bits(l.x ^ k.y), f.x),
               mix(bits(k.x ^ l.y), bits(l.x ^ l.y), f.x), f.y) * LATTICE_UNIT;
}
float fbm(vec3 p)
{
    return 0.5 * noise(p) + 0.25 * noise(p * 2.03) + 0.125 * noise(p * 4.11) + 0.0625 * noise(p * 8.3);
}
