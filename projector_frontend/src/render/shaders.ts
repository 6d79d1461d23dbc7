import { FOCAL } from './camera';
import { ATTENUATION, LABEL_LIFT, NEAR } from './project';

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
in vec4 look;            // colour, and bits: 1 has a colour, 2 selected

uniform float mixing;
uniform mat3 rotation;   // world to eye
uniform vec3 target;
uniform float far;       // distance from eye to target
uniform float radius;
uniform float flatScale; // CSS pixels a world unit in 2-D
uniform bool spatial;    // 3-D
uniform vec2 viewport;   // CSS pixels
uniform float edge;      // sprite size at the target
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
flat out vec4 state;     // has a colour, selected, focused, hovered
flat out float haze;

void main() {
  vec3 eye = rotation * (mix(from, to, mixing) - target);
  float bits = look.a;
  bool selected = bits >= 2.0;
  bool labelled = mod(bits, 2.0) >= 1.0;
  bool isHovered = gl_InstanceID == hovered;
  bool isFocused = gl_InstanceID == focused;

  float depth = far;
  float scale = flatScale;
  float attenuation = 1.0;
  // In the plane labelled images lie above the rest, then the first above the later ones.
  float order = (labelled ? 0.0 : 0.5) + 0.5 * fract(float(gl_InstanceID) / 1048576.0);
  haze = 0.0;
  if (spatial) {
    depth = far - eye.z;
    if (depth < ${float(NEAR)} * far) {
      gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
      return;
    }
    scale = ${float(FOCAL)} * 0.5 * min(viewport.x, viewport.y) / depth;
    attenuation = clamp(far / depth, ${float(ATTENUATION[0])}, ${float(ATTENUATION[1])});
    float lifted = max(0.0, depth - (labelled ? ${float(LABEL_LIFT)} * radius : 0.0));
    order = lifted / (lifted + far);
    haze = 0.62 * smoothstep(far - 0.55 * radius, far + 1.1 * radius, depth);
  }
  // Whatever is selected shows through what hides it.
  float layer = isHovered ? -0.99 : isFocused ? -0.95 : selected ? -0.9 + 0.6 * order : -0.2 + 1.19 * order;

  float size = edge * attenuation * (sprites ? 1.0 : dotShare);
  size *= labelled || selected ? 1.0 : mix(1.0, 0.88, muting);
  if (isHovered) size = max(size * 1.25, sprites ? 34.0 : 9.0);
  halfSize = 0.5 * size;
  place = position * (halfSize + (selected || isHovered || isFocused ? ${float(RING)} : ${float(EDGE)}));
  vec2 at = eye.xy * scale + place;
  gl_Position = vec4(at / (0.5 * viewport), layer, 1.0);

  float row = floor(float(gl_InstanceID) / grid.x);
  corner = vec2(float(gl_InstanceID) - row * grid.x, row);
  color = look.rgb / 255.0;
  state = vec4(labelled, selected, isFocused, isHovered);
}
`;

export const FRAGMENT = /* glsl */ `
precision highp float;
in vec2 place;
in vec2 corner;
flat in float halfSize;
flat in vec3 color;
flat in vec4 state;
flat in float haze;

uniform sampler2D sheet;
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
  bool labelled = state.x > 0.5;
  bool selected = state.y > 0.5;
  bool front = selected || state.w > 0.5 || state.z > 0.5;
  float outside = sprites ? roundedBox(place, halfSize, min(4.0, halfSize * 0.28)) : length(place) - halfSize;

  vec3 body;
  if (sprites) {
    vec2 inTile = clamp(vec2(0.5 + 0.5 * place.x / halfSize, 0.5 - 0.5 * place.y / halfSize), inset, 1.0 - inset);
    body = texture(sheet, (corner + inTile) / grid).rgb;
    if (labelled) {
      body = mix(body, color, 0.24);
      float frame = clamp(halfSize * 0.2, 2.0, 5.0);
      body = mix(body, color, smoothstep(-frame - pixel, -frame, outside));
    } else {
      float grey = dot(body, vec3(0.299, 0.587, 0.114));
      float mute = front ? 0.0 : muting;
      body = mix(mix(body, vec3(grey), 0.75 * mute), background, 0.42 * mute);
      // A hairline of the background keeps touching images apart.
      body = mix(body, mix(background, ink, 0.16), smoothstep(-1.0 - pixel, -1.0, outside));
    }
  } else {
    body = labelled ? color : neutral;
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
  }
  float alpha = 1.0 - smoothstep(reach - 0.5 * pixel, reach + 0.5 * pixel, outside);
  if (alpha < 0.02) discard;
  result = vec4(body * alpha, alpha);
}
`;
