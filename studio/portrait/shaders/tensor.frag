// Structure tensor of the lightness, softened so that strong edges do not drown out faint ones.

uniform sampler2D source;   // blurred picture, premultiplied
uniform float px;           // px of the painting in one of the source

layout(location = 0) out vec4 out_tensor;   // xx, xy, yy, -

float light(ivec2 at)
{
    vec4 c = texelFetch(source, clamp(at, ivec2(0), textureSize(source, 0) - 1), 0);
    return dot(c.rgb, vec3(0.30, 0.59, 0.11)) + 0.25 * (1.0 - c.a);  // the outline guides strokes too
}

void main()
{
    ivec2 p = ivec2(gl_FragCoord.xy);
    vec2 g = vec2(light(p + ivec2(1, 0)) - light(p - ivec2(1, 0)), light(p + ivec2(0, 1)) - light(p - ivec2(0, 1))) / px;
    out_tensor = vec4(g.x * g.x, g.x * g.y, g.y * g.y, 0.0) / (length(g) + 0.02);
}
