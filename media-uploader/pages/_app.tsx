import "@picocss/pico/css/pico.min.css";
import "../styles/tokens.css";
import "../styles/page.css";
import type { AppProps } from "next/app";
import Head from "next/head";
import icon from "../ui/icon.svg";

export default function App({ Component, pageProps }: AppProps) {
  return (
    <>
      <Head>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" type="image/svg+xml" href={icon.src} />
      </Head>
      <Component {...pageProps} />
    </>
  );
}
