/** 地点搜索的文字。 */

const kind = {
  town: "镇街",
  village: "村居",
  station: "车站",
  police: "公安",
  hospital: "医院",
  fire_station: "消防",
  government: "机关",
  school: "学校",
  market: "市场",
  park: "公园",
  water: "水域",
  peak: "山",
  worship: "宗教场所",
  shop: "商店",
  lodging: "住宿",
  company: "企业",
  street: "道路",
  poi: "地点",
  address: "门牌",
};

export const searchZh = {
  label: "查找地点",
  hint: "路名、村名、地点，拼音或首字母",
  clear: "清除",
  none: "没有叫“{words}”的地点",
  failed: "现在查不了地点：{reason}",
  count: "{count} 个结果",
  kind,
};

/** Every word of the place search; English has the same keys by type. */
export type SearchWords = typeof searchZh;
