"""Operations research over tables of times: who could go, who goes, and why. Pure; knows no roads."""
