// The toned ground the strokes go onto: a broad blur of the picture, opaque.

uniform sampler2D source;   // premultiplied, maybe a smaller copy
uniform vec2 view_size;

layout(location = 0) out vec4 out_colour;
layout(location = 1) out vec4 out_height;

void main()
{
    vec4 c = texture(source, gl_FragCoord.xy / view_size);
    out_colour = vec4(c.rgb / max(c.a, 1e-3), 1.0);
    out_height = vec4(0.0, 0.0, 0.0, 1.0);
}
