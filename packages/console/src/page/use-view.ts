import { useCallback, useEffect, useState } from 'preact/hooks';
import { formatView, parseView, type View } from './model/view.ts';

/** The view in the address, and what changes it. Opening something can be undone by the browser's back button; typing can't. */
export function useView(): readonly [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => parseView(location.search));
  useEffect(() => {
    const onBack = () => setView(parseView(location.search));
    addEventListener('popstate', onBack);
    return () => removeEventListener('popstate', onBack);
  }, []);
  const change = useCallback((part: Partial<View>) => {
    setView((last) => {
      const next = { ...last, ...part };
      const opens = 'selected' in part || 'history' in part;
      const address = `${location.pathname}${formatView(next)}`;
      if (opens) history.pushState(null, '', address);
      else history.replaceState(null, '', address);
      return next;
    });
  }, []);
  return [view, change];
}
