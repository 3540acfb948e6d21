// Where the picture has more to tell than this brush can: its difference from its own blur.

uniform sampler2D source;
uniform sampler2D blurred;

layout(location = 0) out vec4 out_detail;

void main()
{
    ivec2 p = ivec2(gl_FragCoord.xy);
    vec4 a = texelFetch(source, p, 0), b = texelFetch(blurred, p, 0);
    vec3 d = abs(a.rgb / max(a.a, 1e-3) - b.rgb / max(b.a, 1e-3));
    out_detail = vec4((d.r + d.g + d.b) / 3.0 * a.a, 0.0, 0.0, 0.0);
}
