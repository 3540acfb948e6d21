// The ray of a pixel of the sculpture's picture.

uniform vec2 view_size;      // pixels
uniform vec2 view_centre;    // head units, point of the origin plane in the middle of the picture
uniform float view_half;     // head units, half its height
uniform vec4 part_bounds;    // sphere round the part, in world space

const float CAMERA_DISTANCE = 11.0;
const int MARCH_STEPS = 150;
const float STEP = 0.80;     // bumps are no true distances: less than a whole step

struct Ray { vec3 origin, direction; };

Ray view_ray(vec2 pixel)
{
    vec2 point = (pixel - 0.5 * view_size) * (2.0 * view_half / view_size.y) + view_centre;
    vec3 origin = vec3(view_centre * 0.6, CAMERA_DISTANCE);
    return Ray(origin, normalize(vec3(point, 0.0) - origin));
}

// Where a ray comes into a sphere and leaves it; false where it never does.
bool through_sphere(Ray ray, vec3 centre, float radius, out float enter, out float leave)
{
    vec3 to_centre = centre - ray.origin;
    float along = dot(to_centre, ray.direction);
    float inside = radius * radius - (dot(to_centre, to_centre) - along * along);
    float half_chord = sqrt(max(inside, 0.0));
    enter = along - half_chord;
    leave = along + half_chord;
    return inside > 0.0;
}
