// Which rows of a long table are near what is seen: only those are made.

const MARGIN = 20;

export class Slice {
  from = $state(0);
  to = $state(2 * MARGIN);

  constructor(private height: number) {}

  /** For the table's body; what scrolls is the page's main part. */
  attach = (body: HTMLElement) => {
    const main = body.closest('main')!;
    const look = () => {
      const first = (main.getBoundingClientRect().top - body.getBoundingClientRect().top) / this.height;
      this.from = Math.max(0, Math.floor(first / 10) * 10 - MARGIN);
      this.to = this.from + Math.ceil(main.clientHeight / this.height / 10) * 10 + 2 * MARGIN + 10;
    };
    const sized = new ResizeObserver(look);
    sized.observe(main);
    main.addEventListener('scroll', look, { passive: true });
    return () => {
      sized.disconnect();
      main.removeEventListener('scroll', look);
    };
  };
}
