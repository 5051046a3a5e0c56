import { readXml } from "../../src/config/xml.ts";
import type { FuzzTarget } from "./fuzz.ts";

const utf8 = new TextEncoder();
const decoder = new TextDecoder("utf-8");

export const target: FuzzTarget = {
  name: "xml",
  seeds: [
    '<configuration name="nway_wx.conf" description="x"><settings><param name="ptime" value="20"/></settings></configuration>',
    '<?xml version="1.0"?>\n<include><configuration name="nway_wx.conf"><settings>\r\n<!-- wechat -->\n<param value="a &amp; b" name="use_flv"></param></settings></configuration></include>',
    '<configuration name="nway_wx.conf"><settings><![CDATA[<param>]]><param name="__proto__" value="&#65;"/></settings></configuration>',
    '<!DOCTYPE x [<!ENTITY e "lol">]><a b="&e;"><b/></a>',
  ].map((text) => utf8.encode(text)),
  run(input) {
    readXml(decoder.decode(input), "x.xml");
  },
};
