/** The frame of every page: what this is, where one can go, who one is. */
import Head from "next/head";
import Link from "next/link";
import type { ReactNode } from "react";
import { Mark } from "./icons.tsx";

interface ShellProps {
  title: string;
  active: "upload" | "operations";
  user?: string | null;
  children: ReactNode;
}

export function Shell({ title, active, user, children }: ShellProps) {
  const link = (to: string, name: ShellProps["active"], text: string) => (
    <Link href={to} aria-current={name === active ? "page" : undefined}>
      {text}
    </Link>
  );
  return (
    <>
      <Head>
        <title>{title}</title>
      </Head>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <Link href="/" className="brand">
          <Mark />
          <span>SIMPI Media</span>
        </Link>
        <nav aria-label="Pages">
          {link("/", "upload", "Compress")}
          {link("/operations", "operations", "Operations")}
          {user ? (
            <a href="/.auth/logout" className="user" title={`Signed in as ${user}`}>
              Sign out
            </a>
          ) : null}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
