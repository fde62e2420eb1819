/** Small helpers around the document. Text only ever goes in as text, never as markup. */

/** The element with this id. @throws when the page has none, which is a fault of the page. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element
}

/** Makes an element. */
export function make(
  tag: string,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElement {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

/** An icon of the page's symbols, hidden from screen readers: the words beside it say the same. */
export function icon(name: string): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  const use = document.createElementNS(space, 'use')
  svg.setAttribute('aria-hidden', 'true')
  use.setAttribute('href', `#i-${name}`)
  svg.append(use)
  return svg
}

/** Sets text only when it differs, so that screen readers are not told again what they know. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** Puts `children` in, unless they look exactly like what is there: focus and selection stay. */
export function setChildren(parent: Element, children: readonly Element[]): void {
  const same =
    parent.children.length === children.length &&
    children.every((child, index) => parent.children[index]!.isEqualNode(child))
  if (!same) parent.replaceChildren(...children)
}
