/** Characters that are not seen, and change how what is around them is. Line feeds and tabs are what they are. */
const unseen =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * The text with what is not seen made visible: control characters and marks that turn the direction of writing become
 * their number, as `⟨U+202E⟩`. What was recorded cannot rearrange what is shown around it.
 */
export const visible = (text: string): string =>
  text.replaceAll(
    unseen,
    (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
