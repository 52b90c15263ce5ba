import { Link } from '@tanstack/react-router'
import { Notice } from '../states/notice.tsx'

/** An address that is no page. */
export const NoSuchPage = () => (
  <Notice title="There is no such page" mark="404">
    The address is mistyped, or from another version of Steptrail. <Link to="/">Go to the start.</Link>
  </Notice>
)
