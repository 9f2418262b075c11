// GLSL of sheets, dots and paths. `shaded` in figures/scene.py lights posters by the same formula and the same numbers.
import drawing from "../../figures/drawing.json" with { type: "json" };

const LIGHT = drawing.light;

/** A number as GLSL writes a float: 28 would be an integer. */
export const glslFloat = (value) => (Number.isInteger(value) ? `${value}.` : String(value));
const glslVector = (values) => `vec3(${values.map(glslFloat).join(", ")})`;

export const SHEET_VERTEX = `#version 300 es
precision highp float;
precision highp usampler2D;
uniform usampler2D codes;   // 0…top are levels, top + 1 is a gap
uniform ivec2 count;        // columns, rows
uniform vec3 box;           // half width, half depth, height
uniform float top;
uniform mat4 camera;
out vec3 position;
out vec3 slope;
out float level;

float heightOr(ivec2 place, float instead) {
  float code = float(texelFetch(codes, clamp(place, ivec2(0), count - 1), 0).r);
  return code > top ? instead : code / top * box.z;
}

void main() {
  ivec2 place = ivec2(gl_VertexID % count.x, gl_VertexID / count.x);
  float here = heightOr(place, 0.);
  ivec2 before = max(place - 1, ivec2(0));
  ivec2 after = min(place + 1, count - 1);
  vec2 span = vec2(after - before) * 2. * box.xy / vec2(count - 1);
  float byColumn = heightOr(ivec2(after.x, place.y), here) - heightOr(ivec2(before.x, place.y), here);
  float byRow = heightOr(ivec2(place.x, after.y), here) - heightOr(ivec2(place.x, before.y), here);
  slope = vec3(-byColumn / span.x, -byRow / span.y, 1.);
  level = here / box.z;
  position = vec3((vec2(place) / vec2(count - 1) * 2. - 1.) * box.xy, here);
  gl_Position = camera * vec4(position, 1.);
}`;

export const SHEET_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D colours;
uniform vec3 eye;
uniform vec3 contours;      // the first level, the step between them, the width of a line in pixels (0: none)
in vec3 position;
in vec3 slope;
in float level;
out vec4 colour;

void main() {
  vec3 normal = normalize(slope);
  vec3 view = normalize(eye - position);
  float behind = step(dot(normal, view), 0.);
  normal *= 1. - 2. * behind;
  vec3 base = texture(colours, vec2(level * 255. / 256. + .5 / 256., .5)).rgb;
  vec3 light = normalize(${glslVector(LIGHT.direction)} + ${glslFloat(LIGHT.towardsEye)} * view);
  float diffuse = ${glslFloat(LIGHT.ambient)} + ${glslFloat(LIGHT.diffuse)} * max(dot(normal, light), 0.);
  float dimmed = ${glslFloat(LIGHT.underside.share)} * diffuse + ${glslFloat(LIGHT.underside.added)};
  float shine = pow(max(dot(reflect(-light, normal), view), 0.), ${glslFloat(LIGHT.sharpness)});
  vec3 lit = base * mix(diffuse, dimmed, behind) + ${glslFloat(LIGHT.shine)} * shine * (1. - behind);
  float lines = (level - contours.x) / contours.y;
  float pixel = max(fwidth(lines), 1e-5);
  float away = abs(fract(lines + .5) - .5) / pixel;
  float inside = step(1e-5, level) * step(level, 1. - 1e-5);   // no lines on plateaus at the limits
  float crowded = smoothstep(.25, .6, pixel);                  // on cliffs, lines would run together
  float line = (1. - smoothstep(contours.z * .15, contours.z * .15 + .9, away)) * (1. - crowded) * inside;
  lit = mix(lit, vec3(.12, .16, .2), .6 * line * step(1e-3, contours.z));
  colour = vec4(lit, 1.);
}`;

export const DOT_VERTEX = `#version 300 es
precision highp float;
in vec3 place;
in vec4 look;               // r, g, b, and the shape: 0 disc, 1 square
in float size;
uniform mat4 camera;
uniform float scale;
flat out vec4 appearance;
flat out float pixels;

void main() {
  gl_Position = camera * vec4(place, 1.);
  gl_Position.z -= .008 * gl_Position.w; // nearer to the eye, so that the sheet does not cover half of it
  pixels = size * scale;
  gl_PointSize = pixels;
  appearance = look;
}`;

export const DOT_FRAGMENT = `#version 300 es
precision highp float;
uniform float ghost;        // opacity: below 1 for dots behind the sheet
uniform vec3 rim;
flat in vec4 appearance;
flat in float pixels;
out vec4 colour;

void main() {
  vec2 at = gl_PointCoord * 2. - 1.;
  float reach = appearance.a > .5 ? max(abs(at.x), abs(at.y)) : length(at);
  float soft = 2. / pixels;
  float cover = (1. - smoothstep(1. - soft, 1., reach)) * ghost;
  if (cover <= 0.) discard;
  float edge = max(1. - 2.6 * soft / 2., .5); // the rim leaves a small dot its colour
  float glow = .16 * max(0., 1. - length(at - vec2(-.3, -.35)) * 1.4);
  vec3 inner = appearance.rgb + glow * (1. - appearance.a);
  colour = vec4(mix(inner, rim, smoothstep(edge - soft / 2., edge + soft / 2., reach)) * cover, cover);
}`;

export const PATH_VERTEX = `#version 300 es
precision highp float;
in vec3 place;
uniform mat4 camera;
void main() {
  gl_Position = camera * vec4(place, 1.);
  gl_Position.z -= .002 * gl_Position.w;
}`;

export const PATH_FRAGMENT = `#version 300 es
precision highp float;
out vec4 colour;
void main() { colour = vec4(.02, .03, .04, .5) * vec4(.5, .5, .5, 1.); }`;
