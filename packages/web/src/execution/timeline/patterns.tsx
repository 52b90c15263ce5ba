import classes from './timeline.module.css'

/** The hatchings that tell spans apart without their colour. Once on a page. */
export const Patterns = () => (
  <svg width="0" height="0" className={classes['patterns']} aria-hidden="true">
    <defs>
      <pattern
        id="hatch-backoff"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="6" height="6" className={classes['hatchGround']} />
        <rect width="3" height="6" className={classes['hatchBackoff']} />
      </pattern>
      <pattern
        id="hatch-lost"
        width="5"
        height="5"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(-45)"
      >
        <rect width="5" height="5" className={classes['hatchLostGround']} />
        <rect width="2" height="5" className={classes['hatchLost']} />
      </pattern>
      <pattern
        id="hatch-running"
        width="12"
        height="12"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="12" height="12" className={classes['hatchRunningGround']} />
        <rect width="6" height="12" className={classes['hatchRunning']} />
      </pattern>
    </defs>
  </svg>
)
