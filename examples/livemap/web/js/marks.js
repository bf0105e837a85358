// The marks on the map. A level of urgency shows in form, size and colour alike.
const radian = Math.PI / 180;
const remembered = 5 * 60 * 1000;

// drawWay draws the way from a station to the predicted collision.
export function drawWay(context, from, to, level, colour, unit) {
  context.strokeStyle = colour;
  context.lineWidth = unit * (level === "now" ? 2.5 : level === "near" ? 1.8 : 1.3);
  context.setLineDash(level === "now" ? [] : [unit * 5, unit * 4]);
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  context.setLineDash([]);
}

// drawGoal draws where they are predicted to meet.
export function drawGoal(context, at, warning, colour, unit, beat) {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  if (warning.level === "now") {
    context.save();
    context.globalAlpha *= 0.6 * (1 - beat);
    context.lineWidth = unit * 2;
    circle(context, at, unit * (11 + 16 * beat));
    context.stroke();
    context.restore();
    diamond(context, at, unit * 9);
    context.fill();
  } else {
    const radius = unit * (warning.level === "near" ? 6.5 : 5);
    context.lineWidth = unit * (warning.level === "near" ? 2.2 : 1.6);
    circle(context, at, radius);
    context.stroke();
    if (warning.level === "near") {
      context.beginPath();
      context.arc(at.x, at.y, radius, 0, Math.PI);
      context.fill();
    }
  }
}

// label is what stands at the mark of a collision: in how many seconds, and for some who
// it is about. It says where, so that one can see whether there is room: {box, draw()}.
export function label(context, at, warning, named, colour, unit, theme) {
  const size = unit * { far: 11, near: 13, now: 18 }[warning.level];
  const font = `${warning.level === "far" ? 500 : 700} ${size}px ${theme.font}`;
  const time = warning.ttc === null || warning.silent ? "" : `${(warning.ttc / 1000).toFixed(1)} s`;
  const y = at.y - unit * (warning.level === "now" ? 16 : 11);
  const small = `500 ${unit * 11}px ${theme.font}`;
  const half = Math.max(widthOf(context, time, font), named ? widthOf(context, warning.pair, small) : 0) / 2 + unit * 2;
  return {
    box: { left: at.x - half, right: at.x + half, top: y - size, bottom: named ? at.y + unit * 27 : y },
    draw() {
      context.textAlign = "center";
      context.font = font;
      text(context, time, at.x, y, colour, unit, theme);
      if (!named) return;
      context.font = small;
      text(context, warning.pair, at.x, at.y + unit * 25, theme.colour("ink"), unit, theme);
    },
  };
}

// drawStation draws a station as an arrow head, with its way in the next second ahead of
// it. The reference is filled, the target is not.
export function drawStation(context, at, party, filled, { colour, unit, metre, chosen, theme }) {
  context.save();
  context.translate(at.x, at.y);
  const known = party.heading !== null;
  if (known) context.rotate(party.heading * radian);
  const size = unit * Math.min(Math.max(metre * 3.5, 5.5), 11); // about a car, when one looks closely
  if (known && party.speed > 0.2) {
    const length = Math.min(Math.max(party.speed * metre, unit * 12), unit * 70);
    context.strokeStyle = theme.colour("ink");
    context.lineWidth = unit * 1.6;
    context.beginPath();
    context.moveTo(0, -size);
    context.lineTo(0, -length);
    context.moveTo(-unit * 3, -length + unit * 4);
    context.lineTo(0, -length);
    context.lineTo(unit * 3, -length + unit * 4);
    context.stroke();
  }
  context.beginPath();
  if (known) {
    context.moveTo(0, -size);
    context.lineTo(size * 0.72, size * 0.8);
    context.lineTo(0, size * 0.42);
    context.lineTo(-size * 0.72, size * 0.8);
    context.closePath();
  } else {
    context.arc(0, 0, size * 0.7, 0, 2 * Math.PI);
  }
  context.lineJoin = "round";
  context.strokeStyle = theme.colour("halo");
  context.lineWidth = unit * 4.5;
  context.stroke();
  context.fillStyle = filled ? theme.colour("ink") : theme.colour("halo");
  context.fill();
  context.strokeStyle = theme.colour("ink");
  context.lineWidth = unit * 1.6;
  context.stroke();
  if (chosen) {
    context.strokeStyle = colour;
    context.lineWidth = unit * 2;
    circle(context, { x: 0, y: 0 }, unit * 14);
    context.stroke();
  }
  context.restore();
}

// drawEnded draws what is left of a warning: a ring that opens, and then a dot for some
// minutes.
export function drawEnded(context, at, age, unit, theme) {
  context.save();
  context.strokeStyle = context.fillStyle = theme.colour("soft");
  if (age < 1200) {
    const part = age / 1200;
    context.globalAlpha = 0.8 * (1 - part);
    context.lineWidth = unit * 1.5;
    circle(context, at, unit * (6 + 14 * part));
    context.stroke();
  }
  context.globalAlpha = 0.5 * Math.max(1 - age / remembered, 0);
  circle(context, at, unit * 1.8);
  context.fill();
  context.restore();
}

function circle(context, at, radius) {
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
}

function diamond(context, at, radius) {
  context.beginPath();
  context.moveTo(at.x, at.y - radius);
  context.lineTo(at.x + radius, at.y);
  context.lineTo(at.x, at.y + radius);
  context.lineTo(at.x - radius, at.y);
  context.closePath();
}

function widthOf(context, words, font) {
  context.font = font;
  return context.measureText(words).width;
}

// text writes with a rim, so that it can be read on anything.
function text(context, words, x, y, colour, unit, theme) {
  context.lineJoin = "round";
  context.strokeStyle = theme.colour("halo");
  context.lineWidth = unit * 4;
  context.strokeText(words, x, y);
  context.fillStyle = colour;
  context.fillText(words, x, y);
}
