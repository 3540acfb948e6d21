// Lips, cavity, teeth and tongue. Everything follows one function of x: where the lips part.

const float MOUTH_Y = -0.695;
const float MOUTH_HALF_WIDTH = 0.230;
const float LIP_FRONT_Z = 0.872;

struct MouthShape {
    float u, s;          // across the mouth -1..1, and 1 - u^2
    float upper, lower;  // y of the two edges of the opening
    float upper_half, lower_half;  // half thickness of each lip
    float upper_z, lower_z;        // how far forward each lip stands
    float beyond;        // distance past the corner, 0 inside
};

float mouth_half_width()
{
    return MOUTH_HALF_WIDTH * (1.0 + 0.20 * mouth_wide + 0.13 * face_smile * (1.0 - 0.7 * mouth_round)
                               - 0.39 * mouth_round - 0.13 * mouth_jaw);
}

MouthShape mouth_shape(float x)
{
    MouthShape m;
    float width = mouth_half_width();
    m.u = x / width;
    float u = clamp(m.u, -1.0, 1.0), au = abs(u);
    m.s = 1.0 - u * u;
    float root = (sqrt(m.s + 0.02) - 0.1414) * 1.163;
    // Round mouths open like an O, wide ones like a lens.
    float opening = root * (0.62 + 0.30 * mouth_round) + m.s * (0.38 - 0.30 * mouth_round);
    // The middle line: corners lifted by a smile, a dip under the Cupid's bow.
    float line = MOUTH_Y + (0.074 * face_smile - 0.045 * mouth_jaw - 0.020 * mouth_round) * u * u
               - 0.006 * u * u - 0.009 * exp(-12.0 * u * u) + 0.006 * exp(-30.0 * square(au - 0.42));
    float up = 0.030 * mouth_jaw + 0.045 * mouth_upper + 0.030 * mouth_tuck + 0.012 * mouth_round;
    float down = 0.205 * mouth_jaw + 0.009 * mouth_upper + 0.014 * mouth_round - 0.035 * mouth_tuck;
    m.upper = line + up * opening;
    m.lower = min(line - down * opening, m.upper);
    float full = pow(m.s + 1e-4, 0.5);
    float pressed = 1.0 - 0.50 * mouth_press;
    m.upper_half = 0.034 * pressed * (1.0 - 0.10 * mouth_jaw) * full
                 * (1.0 - 0.22 * exp(-40.0 * u * u) + 0.12 * exp(-40.0 * square(au - 0.28))) + 0.004;
    m.lower_half = 0.046 * pressed * (1.0 - 0.15 * mouth_jaw) * (1.0 - 0.35 * mouth_tuck) * full
                 * (1.0 + 0.05 * exp(-20.0 * u * u)) + 0.004;
    m.upper_z = LIP_FRONT_Z + 0.085 * mouth_round * m.s - 0.020 * mouth_press - 1.75 * x * x;
    m.lower_z = m.upper_z - 0.018 - 0.045 * mouth_jaw - 0.050 * mouth_tuck;
    m.beyond = max(abs(m.u) - 1.0, 0.0) * width;
    return m;
}

// One lip at this x: an ellipse in the y-z plane, fading out past the corner.
float lip(float beyond, float dy, float dz, float half_height, float depth)
{
    half_height = max(half_height, 0.012);
    depth *= 0.35 + 0.65 * saturate(22.0 * half_height);
    return ellipsoid(vec3(beyond, dy, dz), vec3(0.0), vec3(1.0 / 18.0, half_height, depth));
}

float lips(vec3 p, MouthShape m)
{
    float upper = lip(m.beyond, p.y - (m.upper + m.upper_half), p.z - m.upper_z + 0.058, m.upper_half, 0.066);
    float lower = lip(m.beyond, p.y - (m.lower - m.lower_half), p.z - m.lower_z + 0.058, m.lower_half, 0.068);
    return min(upper, lower) + 1.5 * m.beyond + 0.012 * ramp(0.6, 1.0, abs(m.u));
}

// The hole behind the lips. Divided by the slope of its edge, or rays overshoot at the corners.
float mouth_cavity(vec3 p, MouthShape m)
{
    float fall = max(0.02, 0.205 * mouth_jaw + 0.02 * mouth_round + 0.03 * mouth_upper);
    float slope = 0.8 * fall * abs(m.u) / (sqrt(m.s + 0.02) * mouth_half_width());
    float inside = max(p.y - m.upper, m.lower - p.y) * 0.9 / sqrt(1.0 + slope * slope);
    inside += 3.0 * m.beyond + 0.022 * ramp(0.80, 1.02, abs(m.u));
    return max(inside, 0.34 - p.z);
}

const float JAW_TEETH_DROP = 0.185;

float teeth(vec3 p)
{
    float ax = abs(p.x), drop = JAW_TEETH_DROP * mouth_jaw;
    float scallop = 0.006 * abs(sin(p.x * 36.0));  // each tooth ends in its own little curve
    float upper_arch = (length(vec2(p.x / 0.225, (p.z - 0.42) / 0.375)) - 1.0) * 0.225;
    float upper = max(abs(upper_arch) - 0.020, max(p.y + 0.56, (-0.732 + 0.30 * ax * ax + scallop) - p.y));
    float lower_arch = (length(vec2(p.x / 0.205, (p.z - 0.42) / 0.325)) - 1.0) * 0.205;
    float lower = max(abs(lower_arch) - 0.020, max(p.y + 0.760 + drop - scallop, (-0.83 - drop) - p.y));
    lower = max(lower, p.z - 0.735);  // never through the lower lip
    return max(min(upper, lower), 0.35 - p.z) * 0.8;
}

// Lying on the floor of the mouth, its tip behind the lower teeth; up to them for L and TH.
float tongue(vec3 p)
{
    float y = -0.800 - 0.095 * mouth_jaw + 0.095 * mouth_tongue;
    float body = ellipsoid(p, vec3(0.0, y, 0.455 + 0.085 * mouth_tongue), vec3(0.165, 0.085, 0.265));
    float groove = 0.012 * exp(-square(p.x / 0.030)) * ramp(y, y + 0.06, p.y);
    return body + groove;
}
