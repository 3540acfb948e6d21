"""The living portrait of Mary Anning: a sculpted bust, lit and painted over, frame by frame.

parameters  what a frame can be told: pose, face, mouth, and the ten mouth shapes
motion      curves over time: the idle, listening and thinking loops
camera      the two formats, and where a point of the head lands in the picture
shaders/    the sculpture (head, eyes, mouth, bonnet, dress, prop), materials, light, paint
programs    puts the shader files together
sculpture   ray-marches the bust into a shaded picture with materials
painter     paints that picture over with brush strokes
inbetween   morphs the frames between two drawn ones
face_track  the face box of every frame, in the form the lips expect
loops       a whole loop as a film, resumable
sheets      contact sheets to judge her by
"""
