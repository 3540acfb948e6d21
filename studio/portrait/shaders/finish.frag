// Paint, relief of the bristles, canvas and varnish; figure over background.

uniform sampler2D figure;        // painted figure
uniform sampler2D figure_relief; // height of its paint
uniform sampler2D flat_figure;   // Kuwahara, premultiplied, maybe a smaller copy
uniform sampler2D source;        // resolved picture, premultiplied
uniform sampler2D guide;
uniform sampler2D ground;        // painted background
uniform sampler2D ground_relief;
uniform vec2 view_size;
uniform float view_half;
uniform float smooth_share;      // of the unpainted picture put back on skin
uniform int bare;                // 1: the background alone

layout(location = 0) out vec4 out_colour;

const float REFERENCE_PX = 182.0;    // px per head unit the canvas was tuned at
const vec3 VARNISH = vec3(1.02, 0.995, 0.94), BLACK = vec3(0.012, 0.010, 0.006);
const float VIGNETTE = 0.42, WEAVE = 0.035, RELIEF = 1.3;
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
float slope(sampler2D relief, ivec2 p)
{
    ivec2 top = textureSize(relief, 0) - 1;
    float dx = texelFetch(relief, min(p + ivec2(1, 0), top), 0).r - texelFetch(relief, max(p - ivec2(1, 0), ivec2(0)), 0).r;
    float dy = texelFetch(relief, min(p + ivec2(0, 1), top), 0).r - texelFetch(relief, max(p - ivec2(0, 1), ivec2(0)), 0).r;
    return clamp(-0.6 * dx + 0.8 * dy, -0.25, 0.25);
}

void main()
{
    ivec2 p = ivec2(gl_FragCoord.xy);
    float fine = REFERENCE_PX / (view_size.y / (2.0 * view_half));   // canvas threads keep their size
    vec2 thread = vec2(gl_FragCoord.x, view_size.y - gl_FragCoord.y) * fine;
    vec3 colour = texelFetch(ground, p, 0).rgb;
    float lightness = dot(colour, vec3(0.30, 0.59, 0.11));
    float relief = slope(ground_relief, p) * 0.62 * (0.18 + 0.20 * lightness), kept = 0.15;
    vec4 picture = texelFetch(source, p, 0);
    if (bare == 0 && picture.a > 0.0) {
        float keep_here = keep(texelFetch(guide, p, 0).w);
        float edge = picture.a;
        vec4 calm = texture(flat_figure, gl_FragCoord.xy / view_size);
        // Strokes carry the broad tones; what the brushes lost (freckles, hairs, creases) is drawn back in.
        vec3 plain = calm.rgb / max(calm.a, 1e-3), drawn = picture.rgb / max(picture.a, 1e-3);
        vec3 painted = mix(texelFetch(figure, p, 0).rgb, plain, saturate(keep_here * smooth_share));
        painted += saturate(keep_here * DRAWN_BACK) * (drawn - plain);
        float l = dot(painted, vec3(0.30, 0.59, 0.11));
        float own = slope(figure_relief, p) * (0.18 + 0.20 * l) * (1.0 - 0.84 * saturate(keep_here));
        colour = mix(colour, painted, edge);
        relief = mix(relief, own, edge);
        kept = mix(kept, saturate(keep_here), edge);
        lightness = mix(lightness, l, edge);
    }
    float weave = 0.5 * sin(1.98 * thread.x) * sin(1.98 * thread.y)
                + 0.5 * (noise(thread * vec2(0.45, 0.9)) + noise(thread * vec2(0.9, 0.45) + 31.0) - 1.0);
    colour *= 1.0 + RELIEF * relief + WEAVE * weave * (0.7 + 0.5 * (1.0 - lightness)) * (1.0 - 0.4 * kept);
    vec2 from = (gl_FragCoord.xy / view_size - vec2(0.5, 0.53)) * 2.0;
    colour *= 1.0 - VIGNETTE * ramp(0.45, 1.45, sqrt(0.85 * from.x * from.x + 0.75 * from.y * from.y));
    out_colour = vec4(colour * VARNISH + BLACK, 1.0);
}
