// Generalised Kuwahara filter, eight sectors: flattens areas, keeps edges, as paint does.
// Papari et al., "Artistic edge and corner enhancing smoothing", 2007.

uniform sampler2D source;   // premultiplied
uniform int radius;         // px

layout(location = 0) out vec4 out_colour;

const float SECTOR = 0.785398;   // pi / 4
const float SHARPNESS = 1e-2;

void main()
{
    ivec2 here = ivec2(gl_FragCoord.xy), size = textureSize(source, 0) - 1;
    vec4 centre = texelFetch(source, here, 0);
    if (centre.a <= 0.0) { out_colour = vec4(0.0); return; }
    vec4 sum[8];
    float squares[8];
    for (int s = 0; s < 8; s++) { sum[s] = vec4(0.0); squares[s] = 0.0; }
    float spread = 2.0 * square(0.57 * float(radius));
    for (int y = -radius; y <= radius; y++)
        for (int x = -radius; x <= radius; x++) {
            float r2 = float(x * x + y * y);
            if (r2 > float(radius * radius) + 0.5) continue;
            vec4 c = texelFetch(source, clamp(here + ivec2(x, y), ivec2(0), size), 0) * exp(-r2 / spread);
            float l = dot(c.rgb, vec3(0.30, 0.59, 0.11));
            float l2 = l * l / max(c.a, 1e-4);
            float a = r2 == 0.0 ? 0.0 : atan(float(y), float(x)) / SECTOR + 8.0;
            int first = int(floor(a)) & 7;
            float share = fract(a);
            if (r2 == 0.0)
                for (int s = 0; s < 8; s++) { sum[s] += 0.125 * c; squares[s] += 0.125 * l2; }
            else {
                sum[first] += (1.0 - share) * c; squares[first] += (1.0 - share) * l2;
                int second = (first + 1) & 7;
                sum[second] += share * c; squares[second] += share * l2;
            }
        }
    vec3 colour = vec3(0.0);
    float total = 0.0;
    for (int s = 0; s < 8; s++) {
        if (sum[s].a <= 1e-4) continue;
        vec3 mean = sum[s].rgb / sum[s].a;
        float l = dot(mean, vec3(0.30, 0.59, 0.11));
        float variance = max(squares[s] / sum[s].a - l * l, 0.0) * 255.0 * 255.0;
        float w = 1.0 / (1.0 + SHARPNESS * variance * variance);
        colour += w * mean; total += w;
    }
    out_colour = vec4(colour / max(total, 1e-6) * centre.a, centre.a);
}
