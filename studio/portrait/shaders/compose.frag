// The painted figure before canvas and varnish: strokes, what they lost, the slope of their paint.

uniform sampler2D figure;        // painted figure
uniform sampler2D figure_relief; // height of its paint
uniform sampler2D flat_figure;   // Kuwahara, premultiplied, maybe a smaller copy
uniform sampler2D source;        // resolved picture, premultiplied
uniform sampler2D guide;
uniform vec2 view_size;
uniform float smooth_share;      // of the unpainted picture put back on skin

layout(location = 0) out vec4 out_paint;    // premultiplied, coverage
layout(location = 1) out vec4 out_surface;  // relief, how much stays smooth, both premultiplied

const float DRAWN_BACK = 0.9;

// How much of the picture stays as it is, by material: faces are painted with the finest care.
float keep(float id)
{
    if (id == SKIN || id == EYE || id == TEETH || id == TONGUE) return 1.0;
    if (id == BROOCH || id == FOSSIL) return 1.2;
    if (id == HAIR) return 0.6;
    if (id == STRAW) return 0.55;
    if (id == WOOD || id == IRON) return 0.6;
    if (id == LACE) return 0.75;
    if (id == RIBBON || id == BOW) return 0.5;
    return 0.25;
}
void main()
{
    ivec2 p = ivec2(gl_FragCoord.xy);
    vec4 picture = texelFetch(source, p, 0);
    out_paint = out_surface = vec4(0.0);
    if (picture.a <= 0.0) return;
    float keep_here = keep(texelFetch(guide, p, 0).w);
    vec4 calm = texture(flat_figure, gl_FragCoord.xy / view_size);
    // Strokes carry the broad tones; what the brushes lost (freckles, hairs, creases) is drawn back in.
    vec3 plain = calm.rgb / max(calm.a, 1e-3), drawn = picture.rgb / max(picture.a, 1e-3);
    vec3 painted = mix(texelFetch(figure, p, 0).rgb, plain, saturate(keep_here * smooth_share));
    painted += saturate(keep_here * DRAWN_BACK) * (drawn - plain);
    float lightness = dot(painted, vec3(0.30, 0.59, 0.11));
    float relief = slope(figure_relief, p) * (0.18 + 0.20 * lightness) * (1.0 - 0.84 * saturate(keep_here));
    out_paint = vec4(painted, 1.0) * picture.a;
    out_surface = vec4(relief, saturate(keep_here), 0.0, 0.0) * picture.a;
}
