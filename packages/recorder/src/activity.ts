/** What is under way, so that one can wait until nothing is. */
export class Activity {
  #underWay = 0
  #waiting: (() => void)[] = []

  /** Counts `work` as under way until it has ended. It must not reject. */
  run(work: () => Promise<void>): void {
    this.#underWay += 1
    void work().finally(() => {
      this.#underWay -= 1
      if (this.#underWay > 0) return
      const waiting = this.#waiting
      this.#waiting = []
      for (const resolve of waiting) resolve()
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay > 0)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
  }
}
