import { SegmentedControl, useMantineColorScheme } from '@mantine/core'

const choices = [
  { value: 'auto', label: 'Auto' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const

/** Light, dark, or as the reader's system has it; remembered by the browser. */
export function ColorSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label="Colours"
      value={colorScheme}
      data={[...choices]}
      onChange={(value) => setColorScheme(choices.find((choice) => choice.value === value)?.value ?? 'auto')}
    />
  )
}
