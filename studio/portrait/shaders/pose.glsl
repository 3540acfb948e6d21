// What one frame is told, and the three spaces: world (the camera's), head and torso.

uniform mat3 head_from_world;
uniform mat3 torso_from_world;
uniform float pose_breath;      // 0 out .. 1 in

uniform float face_blink;       // 0 open .. 1 shut
uniform vec2 face_gaze;         // radians, right and up, of the eyes in the head
uniform float face_brow;        // -1 .. 1 lowered, raised
uniform float face_knit;        // 0 .. 1 drawn together
uniform float face_smile;       // 0 .. 1
uniform float face_squint;      // 0 .. 1

uniform float mouth_jaw;        // all 0 .. 1, see parameters.py
uniform float mouth_wide;
uniform float mouth_round;
uniform float mouth_press;
uniform float mouth_upper;
uniform float mouth_tuck;
uniform float mouth_tongue;

const vec3 HEAD_PIVOT = vec3(0.0, -1.15, -0.30);  // top of the spine
const float BREATH_LIFT = 0.020;

vec3 to_head(vec3 world) { return head_from_world * (world - HEAD_PIVOT) + HEAD_PIVOT; }

vec3 to_torso(vec3 world)
{
    vec3 axis = vec3(0.0, 0.0, -0.3);
    return torso_from_world * (world - vec3(0.0, pose_breath * BREATH_LIFT, 0.0) - axis) + axis;
}

// A face the same on both sides is a mask: the whole head is bent a little to one side.
vec3 crooked(vec3 p) { return vec3(p.x + 0.010 * sin(2.1 * p.y + 0.6), p.yz); }

// Materials, as the G-buffer names them.
const float BACKGROUND = 0.0, SKIN = 1.0, EYE = 2.0, TEETH = 3.0, TONGUE = 4.0, HAIR = 5.0,
            STRAW = 6.0, LACE = 7.0, RIBBON = 8.0, CAPE = 9.0, LINEN = 10.0, BROOCH = 11.0,
            DRESS = 12.0, BOW = 13.0, STONE = 14.0, WOOD = 15.0, IRON = 16.0,
            FOSSIL = 17.0;

// The nearer of two things, and which it is.
void nearer(inout vec2 best, float distance_, float material)
{
    if (distance_ < best.x) best = vec2(distance_, material);
}
