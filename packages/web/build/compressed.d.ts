import type { Plugin } from 'vite'

/** Puts beside each built file what a server sends of it to those who take it compressed: `.br` and `.gz`. */
export function compressed(): Plugin
