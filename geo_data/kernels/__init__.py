"""Hot loops: plain functions of arrays, compiled at the first call and cached; policy stays outside."""
