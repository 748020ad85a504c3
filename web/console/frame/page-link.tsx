import Link from '@cloudscape-design/components/link';
import type { ReactElement, ReactNode } from 'react';
import { useLocation } from 'wouter';

/** A link to a page of this console, which is shown without loading the console again. */
export function PageLink({ href, children }: { readonly href: string; readonly children: ReactNode }): ReactElement {
  const [, navigate] = useLocation();
  return (
    <Link
      href={href}
      onFollow={(event) => {
        event.preventDefault();
        navigate(href);
      }}
    >
      {children}
    </Link>
  );
}
