// Eyeballs and the opening between the lids.

const vec3 EYE_CENTRE = vec3(0.294, 0.0, 0.572);  // mirrored for the other eye
const float EYE_BALL = 0.147, LID_SHELL = 0.162, EYE_HALF_WIDTH = 0.153;
const float CREASE_Y = 0.036;  // crease of the upper lid above the outer lid line

struct EyeOpening {
    float s;             // -1 inner corner .. 1 outer corner
    float x;             // from the centre
    float upper, lower;  // y of the lid edges, from the centre
};

EyeOpening eye_opening(float ax)
{
    EyeOpening e;
    e.x = ax - EYE_CENTRE.x;
    e.s = clamp(e.x / EYE_HALF_WIDTH, -1.0, 1.0);
    float om = 1.0 - e.s * e.s;
    float arch = 0.55 * om + 0.45 * sqrt(om);
    float tilt = 0.010 * e.s - 0.004;
    // The years let the outer half of the upper lid hang.
    float hang = 0.010 * ramp(0.0, 0.8, e.s);
    float open_upper = tilt + 0.060 * (1.0 - 0.35 * face_squint) * arch * (1.0 - 0.12 * e.s) - hang * arch;
    open_upper += 0.085 * clamp(face_gaze.y, -0.3, 0.3) * arch;  // the lid goes with the eye
    float open_lower = tilt - 0.053 * om * (1.0 + 0.18 * e.s) * (1.0 - 0.30 * face_squint - 0.12 * face_smile);
    float shut = tilt - 0.042 * om;
    e.lower = mix(open_lower, shut, face_blink);
    e.upper = mix(open_upper, shut + 0.001, face_blink);
    return e;
}

float eye_ball(vec3 p)
{
    vec3 q = crooked(p);
    return sphere(vec3(abs(q.x), q.yz), EYE_CENTRE, EYE_BALL);
}

// Lids as a shell over the ball, cut open along the two curves.
float lids(vec3 q, float skin)
{
    skin = smin(skin, sphere(q, EYE_CENTRE, LID_SHELL), 0.060);
    EyeOpening e = eye_opening(q.x);
    float y = q.y - EYE_CENTRE.y, om = 1.0 - e.s * e.s, front = ramp(0.4, 0.6, q.z);
    // The fold of skin above the lid hangs over the crease; shut, the fold is drawn out, not erased.
    float crease = 0.014 * e.s + 0.058 * om + CREASE_Y + 0.012 * face_brow - 0.012 * face_blink;
    skin += 0.011 * (1.0 - 0.55 * face_blink) * ridge(y - crease, 0.018) * saturate(1.6 * om) * om * front;
    skin -= 0.007 * ridge(y - crease - 0.036, 0.040) * om * front * (0.6 + 0.4 * ramp(-0.2, 0.9, e.s));
    float bag = (-0.088 - 0.02 * e.s) * om;
    skin += 0.005 * (1.0 + face_smile + face_squint) * ridge(y - bag, 0.026) * om * front;
    skin -= 0.006 * ridge(y - bag - 0.030, 0.028) * om * front;
    float outside = 0.9 * max(y - e.upper, e.lower - y) + max(abs(e.x) - EYE_HALF_WIDTH, 0.0);
    outside = max(outside, EYE_CENTRE.z + 0.040 - q.z);
    skin = smax(skin, -outside, 0.014);
    vec3 caruncle = vec3(EYE_CENTRE.x - 0.140, -0.012, EYE_CENTRE.z + 0.045);
    return smin(skin, ellipsoid(q, caruncle, vec3(0.034, 0.024, 0.040)), 0.015);
}
