// Light on the G-buffer: north window as key, warm sky behind as rim, what the studio reflects as fill.

// SHADES_SKIN, SHADES_HEAD (what else the head has), SHADES_BONNET, SHADES_DRESS, SHADES_PROP: the one
// defined tells what the program draws, so that no pixel pays for another's material.

uniform sampler2D normals;     // sharp normal
uniform vec2 view_centre;
uniform vec3 key_direction;

layout(location = 0) out vec4 out_colour;  // sRGB-like; 1 where the figure is

const vec3 KEY = vec3(1.55, 1.31, 1.03), RIM = vec3(1.05, 0.85, 0.62) * 0.8, FILL = vec3(0.100, 0.098, 0.100);
const vec3 SKY = vec3(0.165, 0.175, 0.190), GROUND = vec3(0.085, 0.062, 0.045);
const vec3 RIM_DIRECTION = normalize(vec3(0.85, 0.30, -0.42)), FILL_DIRECTION = normalize(vec3(0.75, 0.05, 0.65));
const vec3 BOUNCE = vec3(0.175, 0.100, 0.066);
const float SKIN_SHADOW_FLOOR = 0.20;

vec3 unpack(vec2 xy) { return vec3(xy, sqrt(max(1e-4, 1.0 - dot(xy, xy)))); }

// ACES by Narkowicz, then gamma.
vec3 tone(vec3 c) { return pow(saturate((c * (2.51 * c + 0.03)) / (c * (2.43 * c + 0.59) + 0.14)), vec3(1.0 / 2.2)); }

vec3 bumped(vec3 n, vec3 head)
{
    const float e = 0.003;
    vec3 p = crooked(head);
    MouthShape m = mouth_shape(p.x);
    float h = skin_relief(p, m);
    vec3 g = vec3(skin_relief(p + vec3(e, 0, 0), m), skin_relief(p + vec3(0, e, 0), m), skin_relief(p + vec3(0, 0, e), m)) - h;
    g = (g / e) * head_from_world;  // back to world axes
    return normalize(n - (g - n * dot(g, n)));
}

void main()
{
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 position = texelFetch(positions, pixel, 0);
    float id = position.w;
    vec3 world = position.xyz, head = to_head(world), t = to_torso(world);
    vec3 n = texelFetch(normals, pixel, 0).xyz, n_red = n, n_green = n;
    Coarse coarse = coarse_at(pixel, position, n);
    vec4 rg = coarse.soft;
    float ambient = coarse.ambient, shadow = coarse.key;
    vec3 view = normalize(vec3(view_centre * 0.6, 11.0) - world), half_ = normalize(view + key_direction);

    Surface s = Surface(vec3(0.3), 0.5, 0.02);
#ifdef SHADES_SKIN
    const bool is_skin = true, is_cloth = false;
#else
    const bool is_skin = false;
    bool is_cloth = id == LACE || id == LINEN;
#endif
    float catchlight = 0.0;
    if (is_skin) {
        s = skin(head);
        // Blurred normals go iridescent at lids, lips and hairline: sharp ones there.
        vec2 q = vec2(abs(head.x), head.y);
        float sharp = 2.4 * bump(q, vec2(0.305, 0.0), vec2(0.26, 0.17)) + 2.4 * bump(q, vec2(0.0, -0.70), vec2(0.36, 0.22))
                    + 3.0 * bump(q, vec2(0.05, -0.46), vec2(0.20, 0.11)) + 1.0 - saturate(14.0 * hair(head));
        vec3 r = unpack(rg.zw), g = unpack(rg.xy);
        float curved = saturate(6.0 * (1.0 - dot(r, n)));
        vec3 fine = bumped(n, head);
        n_red = normalize(mix(r, fine, saturate(0.40 + 1.6 * curved + sharp)));
        n_green = normalize(mix(g, fine, saturate(0.50 + 0.7 * curved + sharp)));
        n = fine;
    }
#ifdef SHADES_HEAD
    if (id == EYE) {
        EyeLook look = eye(head, head_from_world * half_);
        s = look.surface; catchlight = look.catchlight;
    }
    if (id == TEETH) s = tooth(head);
    if (id == TONGUE) s = tongue_flesh(head);
    if (id == HAIR) s = hair_strands(head);
#endif
#ifdef SHADES_BONNET
    if (id == STRAW) s = straw_plait(head);
    if (id == LACE) s = lace_net(head);
    if (id == RIBBON) s = silk(world);
#endif
#ifdef SHADES_DRESS
    if (id == BOW) s = silk(world);
    if (id == CAPE) s = wool(t);
    if (id == LINEN) s = linen(t);
    if (id == BROOCH) s = brooch_stone(t);
#endif
#ifdef SHADES_PROP
    s = prop_surface(world, id);
#endif

    // Light finds its way into a real mouth and over a real eyeball; the distance field is stricter.
    if (id == TEETH || id == TONGUE) { shadow = 0.25 + 0.75 * shadow; ambient = 0.45 + 0.55 * ambient; }
    if (id == EYE) { shadow = 0.5 + 0.5 * shadow; ambient = 0.45 + 0.55 * ambient; }
    if (is_skin) {
        float corner = saturate(2.0 * bump(vec2(abs(head.x), head.y), vec2(EYE_CENTRE.x - 0.09, -0.01), vec2(0.16, 0.09)));
        // The brim keeps sky and window from the brow, softly: it is wider than the shadow rays are long.
        float under_brim = ramp(0.05, 0.72, head.y + 0.25 * square(head.x)) * ramp(-0.2, 0.3, head.z);
        ambient *= 1.0 - 0.45 * under_brim;
        shadow *= 1.0 - 0.30 * under_brim;
        // Blood shines through the nose: its underside is never black.
        float under_nose = 0.75 * saturate(1.6 * bump(head, vec3(0.0, -0.44, 0.90), vec3(0.22, 0.12, 0.22)));
        shadow = mix(shadow, 0.48 + 0.52 * shadow, under_nose);
        ambient = mix(ambient, 0.45 + 0.55 * ambient, under_nose);
        shadow = mix(shadow, 0.5 + 0.5 * shadow, corner);
        ambient = mix(ambient, 0.5 + 0.5 * ambient, corner);
    }
    float floored = SKIN_SHADOW_FLOOR + (1.0 - SKIN_SHADOW_FLOOR) * shadow;
    vec3 shade = is_skin ? pow(vec3(floored), vec3(0.95, 1.0, 1.03)) : vec3(shadow);
    vec3 open = is_skin ? pow(vec3(ambient), vec3(0.66, 0.74, 0.78)) : vec3(ambient);
    vec3 facing = vec3(dot(n_red, key_direction), dot(n_green, key_direction), dot(n, key_direction));
    vec3 wrap = is_skin ? vec3(0.21, 0.18, 0.155) : is_cloth ? vec3(0.30, 0.30, 0.28) : vec3(0.0);
    vec3 diffuse = saturate((facing + wrap) / (1.0 + wrap));
    vec3 sky = mix(GROUND, SKY, 0.5 * n.y + 0.5) * (is_cloth ? vec3(1.9, 1.65, 1.4) : vec3(1.0));
    vec3 fill = FILL * saturate(0.5 * dot(n, FILL_DIRECTION) + 0.5);
    vec3 rim = RIM * saturate(dot(n, RIM_DIRECTION) + 0.05) * ambient * (is_skin ? 0.8 : 2.0);
    vec3 light = KEY * diffuse * shade + (sky + fill) * open + rim;
    if (is_skin) {
        // Planes that look down get light back from lip, chest and linen.
        light += BOUNCE * saturate(0.35 - 0.65 * n.y) * open;
        // Painters cool the half-tones.
        light += vec3(-0.022, 0.004, 0.020) * saturate(1.0 - 4.5 * abs(facing.z * shadow - 0.22));
    }
    vec3 colour = s.colour * light;

    float nh = saturate(dot(is_skin ? n_green : n, half_)), a2 = square(square(s.rough));
    float lobe = a2 / (3.14159 * square(nh * nh * (a2 - 1.0) + 1.0) + 1e-4);
    float fresnel = s.specular + (1.0 - s.specular) * 0.25 * pow(1.0 - saturate(dot(n, view)), 5.0);
    colour += vec3(2.7, 2.5, 2.2) * 0.75 * lobe * s.specular * saturate(facing.z) * shadow;
    colour += vec3(0.35, 0.36, 0.38) * fresnel * ambient * (is_skin ? 0.25 : 0.15);
    colour += vec3(1.0, 0.95, 0.85) * catchlight;
    out_colour = vec4(tone(colour), 1.0);
}
