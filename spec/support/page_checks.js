// What is wrong with how a page looks: a list of sentences. Nothing may be outside of the screen, cut or on top
// of something else, and all text must be readable (WCAG 2.2, 1.4.3: a contrast of 4.5).
(() => {
  const found = [];
  const say = (what, element) => found.push(
    `${what}: <${element.tagName.toLowerCase()} class="${element.className}">${element.textContent.slice(0, 60)}`);

  // for who listens to a page alone
  const isUnseen = (element) => element.closest(".columns") && getComputedStyle(element.closest(".columns")).clipPath !== "none";

  const elements = [...document.querySelectorAll("body *")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && box.height && !element.closest("script, style, svg") && !isUnseen(element);
  });

  // --- outside, cut

  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the screen");
  for (const element of elements) {
    const box = element.getBoundingClientRect();
    if (box.left < -1 || box.right > innerWidth + 1) say("outside", element);
    if (getComputedStyle(element).display === "inline") continue;
    if (element.scrollWidth > element.clientWidth + 1) say("cut at its side", element);
    if (element.scrollHeight > element.clientHeight + 3) say("cut below", element);
  }

  // --- one on another

  const overlap = (a, b) => {
    const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return x > 1 && y > 1;
  };
  for (const element of elements) {
    const next = element.nextElementSibling;
    if (!next || !elements.includes(next)) continue;
    if ([element, next].some((one) => ["sticky", "absolute"].includes(getComputedStyle(one).position))) continue;
    const boxes = (one) => getComputedStyle(one).display === "inline" ? [...one.getClientRects()] : [one.getBoundingClientRect()];
    if (boxes(element).some((a) => boxes(next).some((b) => overlap(a, b)))) say("on its neighbour", element);
  }

  // --- contrast

  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((value, i) => value * a + below[i] * (1 - a));
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const colors = [];
    for (let one = element; one; one = one.parentElement) colors.unshift(parse(getComputedStyle(one).backgroundColor));
    return colors.reduce((below, color) => over(color, below), [255, 255, 255]);
  };
  const seen = new Set();
  for (const element of elements) {
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim())) continue;
    const behind = background(element);
    const ink = over(parse(getComputedStyle(element).color), behind);
    const [light, dark] = [luminance(behind), luminance(ink)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const key = `${ink} on ${behind}`;
    if (ratio < 4.5 && !seen.has(key)) say(`a contrast of ${ratio.toFixed(2)} (${key})`, element);
    seen.add(key);
  }
  return found;
})()
