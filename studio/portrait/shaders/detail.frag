// Where the picture has more to tell than this brush can: its difference from its own blur.

uniform sampler2D source;
uniform sampler2D blurred;   // maybe a smaller copy
uniform int px;              // px of the source in one of the target, across

layout(location = 0) out vec4 out_detail;

void main()
{
    ivec2 last = textureSize(source, 0) - 1;
    float sum = 0.0;
    for (int i = 0; i < px * px; i++) {
        ivec2 p = min(ivec2(gl_FragCoord.xy) * px + ivec2(i % px, i / px), last);
        vec4 a = texelFetch(source, p, 0), b = texture(blurred, (vec2(p) + 0.5) / vec2(last + 1));
        vec3 d = abs(a.rgb / max(a.a, 1e-3) - b.rgb / max(b.a, 1e-3));
        sum += (d.r + d.g + d.b) / 3.0 * a.a;
    }
    out_detail = vec4(sum / float(px * px), 0.0, 0.0, 0.0);
}
