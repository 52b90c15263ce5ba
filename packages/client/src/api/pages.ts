/** Some items, and the cursor of the page after them; null on the last. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

/** Every item, page after page; each page is asked for when it is needed. */
export async function* itemsOf<Item>(
  ask: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await ask(cursor)
    yield* page.items
    cursor = page.nextCursor
  }
}

/** The cursor in a header `Link` that names the next page. */
export function cursorOfLink(link: string | null): string | null {
  const target = /<([^>]*)>\s*;\s*rel="next"/.exec(link ?? '')?.[1]
  return target === undefined ? null : new URL(target, 'http://localhost').searchParams.get('cursor')
}
