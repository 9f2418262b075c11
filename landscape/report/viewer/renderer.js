// A single WebGL2 context draws all sheets of the page, one after another. Each scene copies its picture.
import { BOX_HEIGHT } from "./camera.js";
import { DOT_FRAGMENT, DOT_VERTEX, PATH_FRAGMENT, PATH_VERTEX, SHEET_FRAGMENT, SHEET_VERTEX } from "./shaders.js";

const COARSE_STRIDE = 3; // during changes on a slow machine, every third line of the grid is drawn
const GHOST_OPACITY = 0.55; // of dots behind the sheet

export class Renderer {
  /** Throws if the browser has no WebGL2. `onRestore` is called when a lost context has been restored. */
  constructor(colourTables, onRestore) {
    this.canvas = document.createElement("canvas");
    this.colourTables = colourTables;
    this.lost = false;
    this.generation = 0; // what was uploaded before a context was lost has an older generation
    const options = { antialias: true, alpha: true, premultipliedAlpha: true, stencil: true };
    this.gl = this.canvas.getContext("webgl2", options);
    if (!this.gl) throw new Error("no WebGL2");
    this.loseContext = this.gl.getExtension("WEBGL_lose_context");
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.lost = true;
    });
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.lost = false;
      this.prepare();
      onRestore();
    });
    this.prepare();
  }

  prepare() {
    const { gl } = this;
    this.generation += 1;
    this.sheetProgram = program(gl, SHEET_VERTEX, SHEET_FRAGMENT);
    this.dotProgram = program(gl, DOT_VERTEX, DOT_FRAGMENT);
    this.pathProgram = program(gl, PATH_VERTEX, PATH_FRAGMENT);
    this.buffer = gl.createBuffer();
    this.tables = {};
    gl.enable(gl.DEPTH_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** A sheet's heights, and later its triangles, on the graphics card. Release it when it is no longer drawn. */
  upload(sheet) {
    const { gl } = this;
    const data = { gl, sheet, generation: this.generation, triangles: {} };
    data.codes = this.texture(gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT, sheet.columns, sheet.rows, sheet.codes, gl.NEAREST);
    return data;
  }

  /** Puts the heights of another sheet of the same grid in place of those of `data`; false if `data` is out of date. */
  refresh(data, sheet) {
    if (this.lost || !this.isCurrent(data)) return false;
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, data.codes);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, sheet.columns, sheet.rows, gl.RED_INTEGER, gl.UNSIGNED_SHORT, sheet.codes);
    data.sheet = sheet;
    return true;
  }

  /** The scale up to `scale` at which the graphics card can draw a picture of this size. */
  possible(scale, { width, height }) {
    const { gl } = this;
    const most = Math.min(gl.getParameter(gl.MAX_RENDERBUFFER_SIZE), ...gl.getParameter(gl.MAX_VIEWPORT_DIMS));
    return Math.min(scale, most / width, most / height);
  }

  /** Gives back the memory of a large picture; the next one makes room anew. */
  trim() {
    this.canvas.width = 1;
    this.canvas.height = 1;
  }

  isCurrent(data) {
    return data !== null && data.generation === this.generation;
  }

  release(data) {
    if (!this.isCurrent(data)) return;
    this.gl.deleteTexture(data.codes);
    for (const { buffer } of Object.values(data.triangles)) this.gl.deleteBuffer(buffer);
  }

  /**
   * Draws a picture of view.width × view.height times `scale` in the lower left corner of this.canvas; returns its size.
   * `look` has the name of the colours, the contours [first, step] or null, the dots, the paths and the colour of the dots'
   * rim. `coarse` draws fewer triangles.
   */
  draw(data, view, look, scale, coarse) {
    const { gl } = this;
    const width = Math.round(view.width * scale);
    const height = Math.round(view.height * scale);
    if (this.canvas.width < width || this.canvas.height < height) {
      this.canvas.width = Math.max(this.canvas.width, width);
      this.canvas.height = Math.max(this.canvas.height, height);
    }
    gl.viewport(0, 0, width, height);
    gl.disable(gl.BLEND);
    gl.depthMask(true);
    gl.depthFunc(gl.LEQUAL);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
    const camera = view.matrix();
    this.drawSheet(data, view, camera, look, scale, coarse);
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    this.drawPaths(look.paths, camera);
    this.drawDots(look, camera, scale);
    return [width, height];
  }

  drawSheet(data, view, camera, look, scale, coarse) {
    const { gl } = this;
    const { sheet } = data;
    const { uniforms } = this.use(this.sheetProgram, camera);
    const table = this.table(look.colours); // making it binds it, so it is made before textures are bound
    this.bind(0, data.codes, uniforms.codes);
    this.bind(1, table, uniforms.colours);
    gl.uniform2i(uniforms.count, sheet.columns, sheet.rows);
    gl.uniform3f(uniforms.box, 1, sheet.depth, BOX_HEIGHT);
    gl.uniform1f(uniforms.top, sheet.top);
    gl.uniform3fv(uniforms.eye, view.eye);
    const [first, step] = look.contours ?? [0, 1];
    gl.uniform3f(uniforms.contours, first, step, look.contours ? scale : 0);
    const { buffer, count } = this.trianglesOf(data, coarse ? COARSE_STRIDE : 1);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
    gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_INT, 0);
  }

  /** Draws dots in front of the sheet in full, and dots behind it faintly: once at each pixel, or many would hide the sheet. */
  drawDots(look, camera, scale) {
    const { gl } = this;
    if (!look.dots.length) return;
    const { uniforms } = this.use(this.dotProgram, camera);
    gl.uniform1f(uniforms.scale, scale);
    gl.uniform3fv(uniforms.rim, look.rim);
    this.attributes(this.dotProgram, look.dots, { place: 3, look: 4, size: 1 });
    gl.stencilFunc(gl.EQUAL, 0, 1);
    gl.stencilOp(gl.KEEP, gl.KEEP, gl.INCR);
    for (const [depth, ghost] of [[gl.GREATER, GHOST_OPACITY], [gl.LEQUAL, 1]]) {
      if (ghost < 1) gl.enable(gl.STENCIL_TEST);
      else gl.disable(gl.STENCIL_TEST);
      gl.depthFunc(depth);
      gl.uniform1f(uniforms.ghost, ghost);
      gl.drawArrays(gl.POINTS, 0, look.dots.length / 8);
    }
    gl.depthFunc(gl.LEQUAL);
  }

  drawPaths(paths, camera) {
    const { gl } = this;
    if (!paths.length) return;
    this.use(this.pathProgram, camera);
    this.attributes(this.pathProgram, paths, { place: 3 });
    gl.drawArrays(gl.LINES, 0, paths.length / 3);
  }

  use(built, camera) {
    this.gl.useProgram(built.program);
    this.gl.uniformMatrix4fv(built.uniforms.camera, false, camera);
    return built;
  }

  bind(unit, texture, uniform) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.uniform1i(uniform, unit);
  }

  /** Feeds interleaved floats to the vertex shader; `layout` gives the number of floats for each name. */
  attributes(built, floats, layout) {
    const { gl } = this;
    for (let i = 0; i < 3; i++) gl.disableVertexAttribArray(i);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, floats, gl.DYNAMIC_DRAW);
    const stride = 4 * Object.values(layout).reduce((a, b) => a + b, 0);
    let offset = 0;
    for (const [name, count] of Object.entries(layout)) {
      const place = gl.getAttribLocation(built.program, name);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, count, gl.FLOAT, false, stride, offset);
      offset += 4 * count;
    }
  }

  trianglesOf(data, stride) {
    const { gl } = this;
    if (!data.triangles[stride]) {
      const corners = data.sheet.triangles(stride);
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, corners, gl.STATIC_DRAW);
      data.triangles[stride] = { buffer, count: corners.length };
    }
    return data.triangles[stride];
  }

  table(name) {
    const { gl } = this;
    this.tables[name] ??= this.texture(gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, 256, 1, this.colourTables[name], gl.LINEAR);
    return this.tables[name];
  }

  texture(inside, format, type, width, height, values, filter) {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, inside, width, height, 0, format, type, values);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return texture;
  }
}

/** A linked program and its uniforms by name. */
function program(gl, vertex, fragment) {
  const built = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(built, shader);
  }
  gl.linkProgram(built);
  if (!gl.getProgramParameter(built, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = gl.getAttachedShaders(built).map((shader) => gl.getShaderInfoLog(shader));
    throw new Error([gl.getProgramInfoLog(built), ...logs].join(" "));
  }
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(built, gl.ACTIVE_UNIFORMS); i++) {
    const { name } = gl.getActiveUniform(built, i);
    uniforms[name] = gl.getUniformLocation(built, name);
  }
  return { program: built, uniforms };
}
