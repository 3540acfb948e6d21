// Relief of the bristles, canvas and varnish; figure over background.

uniform sampler2D paint;         // the figure as compose.frag leaves it
uniform sampler2D surface;
uniform sampler2D ground;        // painted background
uniform sampler2D ground_relief;
uniform vec2 view_size;
uniform float view_half;
uniform int bare;                // 1: the background alone

layout(location = 0) out vec4 out_colour;

const float REFERENCE_PX = 182.0;    // px per head unit the canvas was tuned at
const vec3 VARNISH = vec3(1.02, 0.995, 0.94), BLACK = vec3(0.012, 0.010, 0.006);
const float VIGNETTE = 0.42, WEAVE = 0.035, RELIEF = 1.3;

void main()
{
    ivec2 p = ivec2(gl_FragCoord.xy);
    float fine = REFERENCE_PX / (view_size.y / (2.0 * view_half));   // canvas threads keep their size
    vec2 thread = vec2(gl_FragCoord.x, view_size.y - gl_FragCoord.y) * fine;
    vec3 colour = texelFetch(ground, p, 0).rgb;
    float lightness = dot(colour, vec3(0.30, 0.59, 0.11));
    float relief = slope(ground_relief, p) * 0.62 * (0.18 + 0.20 * lightness), kept = 0.15;
    if (bare == 0) {
        vec4 figure = texelFetch(paint, p, 0), own = texelFetch(surface, p, 0);
        float behind = 1.0 - figure.a;
        colour = colour * behind + figure.rgb;
        lightness = dot(colour, vec3(0.30, 0.59, 0.11));
        relief = relief * behind + own.x;
        kept = kept * behind + own.y;
    }
    float weave = 0.5 * sin(1.98 * thread.x) * sin(1.98 * thread.y)
                + 0.5 * (noise(thread * vec2(0.45, 0.9)) + noise(thread * vec2(0.9, 0.45) + 31.0) - 1.0);
    colour *= 1.0 + RELIEF * relief + WEAVE * weave * (0.7 + 0.5 * (1.0 - lightness)) * (1.0 - 0.4 * kept);
    vec2 from = (gl_FragCoord.xy / view_size - vec2(0.5, 0.53)) * 2.0;
    colour *= 1.0 - VIGNETTE * ramp(0.45, 1.45, sqrt(0.85 * from.x * from.x + 0.75 * from.y * from.y));
    out_colour = vec4(colour * VARNISH + BLACK, 1.0);
}
