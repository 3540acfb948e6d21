// One point per tile, as large as the tile: work is done only where a part of the figure shows.
// Points, not pairs of triangles, whose diagonal a software rasteriser would draw twice.

uniform vec2 target_size;    // px of the target
uniform float tile_px;
uniform float tile_depth;    // 0..1; equals the depth of the pixels that this pass shall draw

in vec3 in_tile;             // column, row, where its rays start

flat out float v_start;

void main()
{
    // A point whose centre lies outside is not drawn at all, so tiles at the border move inwards.
    vec2 centre = min((in_tile.xy + 0.5) * tile_px, target_size - 0.5 * tile_px);
    gl_Position = vec4(centre / target_size * 2.0 - 1.0, 2.0 * tile_depth - 1.0, 1.0);
    gl_PointSize = tile_px;
    v_start = in_tile.z;
}
