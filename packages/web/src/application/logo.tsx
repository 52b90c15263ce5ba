import classes from './logo.module.css'

/** The sign of Steptrail and its name. */
export const Logo = () => (
  <span className={classes['logo']}>
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="7" className={classes['ground']} />
      <path d="M7 10h9M12 16h13M7 22h6" className={classes['lines']} />
      <circle cx="22" cy="10" r="2.2" className={classes['done']} />
      <circle cx="20" cy="22" r="2.2" className={classes['failed']} />
    </svg>
    Steptrail
  </span>
)
