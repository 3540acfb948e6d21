// Skin light bleeds red further than blue; normals of growing smoothness stand for that.
// Smooth as they are, they are found at every COARSE-th pixel only.

uniform sampler2D positions;

layout(location = 0) out vec4 out_soft;      // normals for green (xy) and red (xy); z is positive enough

const float GREEN_EPS = 0.014, RED_EPS = 0.035;

void main()
{
    vec4 position = texelFetch(positions, ivec2(gl_FragCoord.xy) * COARSE, 0);
    bool wanted = position.w == SKIN;
    vec3 green = vec3(0.0, 0.0, 1e-6), red = green;
    for (int i = 0; wanted && i < 8; i++) {
        int k = i & 3;
        vec3 corner = vec3((k & 1) * 2 - 1, (k >> 1) * 2 - 1, ((k & 1) ^ (k >> 1)) * 2 - 1);
        float d = part(position.xyz + corner * (i < 4 ? GREEN_EPS : RED_EPS)).x;
        if (i < 4) green += corner * d; else red += corner * d;
    }
    if (!wanted) discard;
    out_soft = vec4(normalize(green).xy, normalize(red).xy);
}
