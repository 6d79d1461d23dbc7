import { useEffect, useReducer } from 'preact/hooks';

/** Renders again when the window gets another size: for what is placed by numbers. */
export function useResized(): void {
  const [, again] = useReducer((times: number) => times + 1, 0);
  useEffect(() => {
    const changed = (): void => again(undefined);
    window.addEventListener('resize', changed);
    return () => window.removeEventListener('resize', changed);
  }, []);
}
