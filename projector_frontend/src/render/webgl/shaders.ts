import { FOCAL } from '../camera';
import { FRAME, FRAME_EDGES, HAZE, HELD_TONE, MUTED, VEIL } from '../renderer';
import { ATTENUATION, LABEL_LIFT, NEAR } from '../project';

const float = (value: number): string => value.toFixed(6);

/** Room round a tile for the rings of the selection, CSS pixels; the others need none, and each pixel costs. */
const RING = 5;
const EDGE = 1;

export const VERTEX = /* glsl */ `
precision highp float;
precision highp int;
in vec2 position;        // corner of the quad, -1 to 1
in vec3 from;
in vec3 to;
in vec4 look;            // colour, and the bits of renderer.ts
in float row;            // exact up to 16 million
in float slot;           // layer of the larger picture, or -1

uniform float mixing;
uniform mat3 rotation;   // world to eye
uniform vec3 target;
uniform float far;       // distance from eye to target
uniform float radius;
uniform float flatScale; // CSS pixels a world unit in 2-D
uniform bool spatial;    // 3-D
uniform vec2 viewport;   // CSS pixels
uniform float edge;      // sprite size at the target
uniform float most;      // no sprite is larger
uniform bool sprites;
uniform float dotShare;
uniform vec2 grid;       // columns and rows of the sheet
uniform int hovered;
uniform int focused;
uniform float muting;

out vec2 place;          // CSS pixels from the middle of the tile
out vec2 corner;         // top left of the tile in the sheet
flat out float halfSize;
flat out vec3 color;
flat out vec4 state;     // labeled, selected, focused, hovered
flat out float hollow;   // coloured by a suggestion
flat out float held;     // looked at by somebody else
flat out float layer;    // of the larger picture, or -1
flat out float haze;

void main() {
  vec3 eye = rotation * (mix(from, to, mixing) - target);
  int bits = int(look.a + 0.5);
  bool labeled = (bits & 1) != 0;
  bool selected = (bits & 2) != 0;
  if ((bits & 4) != 0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  hollow = (bits & 8) != 0 ? 1.0 : 0.0;
  held = (bits & 16) != 0 ? 1.0 : 0.0;
  layer = slot;
  bool isHovered = int(row) == hovered;
  bool isFocused = int(row) == focused;

  float depth = far;
  float scale = flatScale;
  float attenuation = 1.0;
  // In the plane labeled images lie above the rest, then the first above the later ones.
  float order = (labeled ? 0.0 : 0.5) + 0.5 * fract(row / 1048576.0);
  haze = 0.0;
  if (spatial) {
    depth = far - eye.z;
    if (depth < ${float(NEAR)} * far) {
      gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
      return;
    }
    scale = ${float(FOCAL)} * 0.5 * min(viewport.x, viewport.y) / depth;
    attenuation = clamp(far / depth, ${float(ATTENUATION[0])}, ${float(ATTENUATION[1])});
    float lifted = max(0.0, depth - (labeled ? ${float(LABEL_LIFT)} * radius : 0.0));
    order = lifted / (lifted + far);
    haze = ${float(HAZE)} * smoothstep(far - 0.55 * radius, far + 1.1 * radius, depth);
  }
  // Whatever is selected shows through what hides it.
  float height = isHovered ? -0.99 : isFocused ? -0.95 : selected ? -0.9 + 0.6 * order : -0.2 + 1.19 * order;

  float size = min(most, edge * attenuation) * (sprites ? 1.0 : dotShare);
  size *= labeled || selected ? 1.0 : mix(1.0, 0.88, muting);
  if (isHovered) size = max(size * 1.25, sprites ? 34.0 : 9.0);
  halfSize = 0.5 * size;
  place = position * (halfSize + (selected || isHovered || isFocused || held > 0.5 ? ${float(RING)} : ${float(EDGE)}));
  vec2 at = eye.xy * scale + place;
  gl_Position = vec4(at / (0.5 * viewport), height, 1.0);

  float line = floor(row / grid.x);
  corner = vec2(row - line * grid.x, line);
  color = look.rgb / 255.0;
  state = vec4(labeled, selected, isFocused, isHovered);
}
`;

export const FRAGMENT = /* glsl */ `
precision highp float;
precision highp sampler2DArray;
in vec2 place;
in vec2 corner;
flat in float halfSize;
flat in vec3 color;
flat in vec4 state;
flat in float hollow;
flat in float held;
flat in float layer;
flat in float haze;

uniform sampler2D sheet;
uniform sampler2DArray details;
uniform vec2 grid;
uniform vec2 inset;      // half a texel of a tile, as a share of the tile
uniform bool sprites;
uniform float muting;    // 0 while nothing is labelled: there is nothing to stand back from
uniform float dimming;   // 1 while something is selected
uniform vec3 background;
uniform vec3 ink;
uniform vec3 neutral;
uniform vec3 accent;
uniform float pixel;     // CSS pixels a device pixel

out vec4 result;

float roundedBox(vec2 p, float half_, float corner_) {
  vec2 q = abs(p) - half_ + corner_;
  return min(max(q.x, q.y), 0.0) + length(max(q, 0.0)) - corner_;
}

void main() {
  bool labeled = state.x > 0.5;
  bool selected = state.y > 0.5;
  bool front = selected || state.w > 0.5 || state.z > 0.5;
  float outside = sprites ? roundedBox(place, halfSize, min(4.0, halfSize * 0.28)) : length(place) - halfSize;

  vec3 body;
  if (sprites) {
    vec2 whole = vec2(0.5 + 0.5 * place.x / halfSize, 0.5 - 0.5 * place.y / halfSize);
    // Both are sampled: a texture has no derivatives inside a branch.
    vec3 small = texture(sheet, (corner + clamp(whole, inset, 1.0 - inset)) / grid).rgb;
    vec3 large = texture(details, vec3(whole, max(layer, 0.0))).rgb;
    body = layer < 0.0 ? small : large;
    if (labeled) {
      body = mix(body, color, ${float(VEIL)});
      float frame = clamp(halfSize * ${float(FRAME)}, ${float(FRAME_EDGES[0])}, ${float(FRAME_EDGES[1])});
      body = mix(body, color, smoothstep(-frame - pixel, -frame, outside));
    } else {
      float grey = dot(body, vec3(0.299, 0.587, 0.114));
      float mute = front ? 0.0 : muting;
      body = mix(mix(body, vec3(grey), ${float(MUTED.grey)} * mute), background, ${float(MUTED.fade)} * mute);
      // A hairline of the background keeps touching images apart.
      float line = hollow > 0.5 ? 2.0 : 1.0;
      vec3 rim = hollow > 0.5 ? color : mix(background, ink, 0.18);
      body = mix(body, rim, smoothstep(-line - pixel, -line, outside));
    }
  } else {
    body = labeled || hollow > 0.5 ? color : neutral;
    if (hollow > 0.5) body = mix(background, body, smoothstep(-0.45 * halfSize - pixel, -0.45 * halfSize, outside));
    body = mix(body, mix(body, background, 0.65), smoothstep(-1.0 - pixel, -1.0, outside));
  }

  float fade = front ? 0.0 : max(haze, 0.8 * dimming);
  body = mix(body, background, fade);

  float reach = 0.0;
  if (state.z > 0.5) {
    reach = 4.0;
    body = outside > 0.0 ? mix(background, accent, smoothstep(1.0 - pixel, 1.0, outside)) : body;
  } else if (state.w > 0.5) {
    reach = 2.0;
    body = outside > 0.0 ? ink : body;
  } else if (selected) {
    reach = 1.5;
    body = outside > 0.0 ? mix(ink, background, 0.15) : body;
  } else if (held > 0.5) {
    reach = 2.0;
    body = outside > 0.0 ? mix(background, accent, ${float(HELD_TONE)}) : body;
  }
  float alpha = 1.0 - smoothstep(reach - 0.5 * pixel, reach + 0.5 * pixel, outside);
  if (alpha < 0.02) discard;
  result = vec4(body * alpha, alpha);
}
`;
