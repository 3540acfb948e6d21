// One brush stroke as a quad.

uniform vec2 view_size;

in vec4 in_place;             // as seed.vert has them
in vec4 in_shape;
in vec3 in_colour;
in vec3 in_bristle;

flat out vec3 v_colour;
flat out vec4 v_shape;        // half length, half width (px), bend (1/px), group
flat out vec3 v_bristle;      // phase, load of paint, opacity
out vec2 v_along;             // px along and across the stroke

void main()
{
    v_colour = in_colour;
    v_shape = in_shape;
    v_bristle = in_bristle;
    vec2 corner = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID >> 1) * 2 - 1), u = in_place.zw;
    v_along = corner * (vec2(in_shape.x, in_shape.y * 1.25 + 0.10 * in_shape.x) + 1.0);
    vec2 pixel = in_place.xy + u * v_along.x + vec2(-u.y, u.x) * v_along.y;
    gl_Position = vec4(pixel / view_size * 2.0 - 1.0, 0.0, 1.0);
}
