// Generalised Kuwahara filter, eight sectors: flattens areas, keeps edges, as paint does.
// Papari et al., "Artistic edge and corner enhancing smoothing", 2007.

uniform sampler2D source;   // premultiplied

layout(location = 0) out vec4 out_colour;

const float SHARPNESS = 1e-2;
const vec3 LIGHTNESS = vec3(0.30, 0.59, 0.11);

ivec2 here, last;
vec4 sum[8];
float squares[8];
vec4 c;
float l2;

void tap(ivec2 off, float weight)
{
    c = texelFetch(source, clamp(here + off, ivec2(0), last), 0) * weight;
    float l = dot(c.rgb, LIGHTNESS);
    l2 = l * l / max(c.a, 1e-4);
}
void add(int sector, float share) { sum[sector] += share * c; squares[sector] += share * l2; }

void main()
{
    here = ivec2(gl_FragCoord.xy);
    last = textureSize(source, 0) - 1;
    vec4 centre = texelFetch(source, here, 0);
    tap(ivec2(0), 1.0);
    for (int s = 0; s < 8; s++) { sum[s] = 0.125 * c; squares[s] = 0.125 * l2; }
    TAPS   // from filters.py
    vec3 colour = vec3(0.0);
    float total = 0.0;
    for (int s = 0; s < 8; s++) {
        vec3 mean = sum[s].rgb / max(sum[s].a, 1e-4);
        float l = dot(mean, LIGHTNESS);
        float variance = max(squares[s] / max(sum[s].a, 1e-4) - l * l, 0.0) * 255.0 * 255.0;
        float w = sum[s].a <= 1e-4 ? 0.0 : 1.0 / (1.0 + SHARPNESS * variance * variance);
        colour += w * mean; total += w;
    }
    out_colour = vec4(colour / max(total, 1e-6) * centre.a, centre.a);
}
