"""Elementary functions whose bits are the same on every machine, and in both engines.

A C library chooses among several exp, log, log1p, expm1 and cos by processor (with fused
multiply-add or without), numpy and scipy do the same, and their last bits differ. These are made
of + - * /, comparisons and the bits of a double only, which IEEE 754 settles to the last bit; no
step may be fused or rearranged, and neither Python nor numba does so. What decides a run, a record
or a figure takes its functions from here.

The method is that of all such functions (Muller 2016, "Elementary Functions", 3rd ed., chs. 3 and
11): the argument is taken to a short interval by steps without rounding, a polynomial does the
rest, and the largest term is added last, with what its addition would lose. The polynomials are
the best of their degree; `python -m benchmarks.coefficients` makes them and prints the lines
between the marks below. Errors, in units in the last place (ulp) of the exact value, are the
largest that `tests/test_elementary.py` has found against mpmath.
"""

from sim.compiled import bits_of, of_bits, ratio, rule

# made by: python -m benchmarks.coefficients
LOG2_HIGH = float.fromhex("0x1.62e42fefa3800p-1")
LOG2_LOW = float.fromhex("0x1.ef35793c76730p-45")
PER_LOG2 = float.fromhex("0x1.71547652b82fep+0")
TURN_HIGH = float.fromhex("0x1.921fb54000000p+2")
TURN_LOW = float.fromhex("0x1.10b4611a62633p-28")
# largest error, of the whole function: 2^-58.9
EXP_0 = float.fromhex("0x1.5555555555559p-3")
EXP_1 = float.fromhex("0x1.5555555555548p-5")
EXP_2 = float.fromhex("0x1.111111110f7ebp-7")
EXP_3 = float.fromhex("0x1.6c16c16c1cd10p-10")
EXP_4 = float.fromhex("0x1.a01a01af7662ep-13")
EXP_5 = float.fromhex("0x1.a01a0182fc82dp-16")
EXP_6 = float.fromhex("0x1.71ddf951a622ap-19")
EXP_7 = float.fromhex("0x1.27e52b37b32b5p-22")
EXP_8 = float.fromhex("0x1.af5d2469580e3p-26")
EXP_9 = float.fromhex("0x1.1ef51dab838cep-29")
# largest error, of the whole function: 2^-59.3
LOG_0 = float.fromhex("0x1.5555555555592p-1")
LOG_1 = float.fromhex("0x1.999999997fee6p-2")
LOG_2 = float.fromhex("0x1.24924941e0da3p-2")
LOG_3 = float.fromhex("0x1.c71c5216410efp-3")
LOG_4 = float.fromhex("0x1.74663c54f0e61p-3")
LOG_5 = float.fromhex("0x1.39a1fb842bedbp-3")
LOG_6 = float.fromhex("0x1.2f02e667bc683p-3")
# largest error, of the whole function: 2^-56.4
SINE_0 = float.fromhex("-0x1.5555555555548p-3")
SINE_1 = float.fromhex("0x1.111111110f7d0p-7")
SINE_2 = float.fromhex("-0x1.a01a019bfdeb7p-13")
SINE_3 = float.fromhex("0x1.71de3567cf4ffp-19")
SINE_4 = float.fromhex("-0x1.ae5e5a8e202b4p-26")
SINE_5 = float.fromhex("0x1.5d8fd0aa0bd53p-33")
# largest error, of the whole function: 2^-59.7
COSINE_0 = float.fromhex("0x1.555555555554bp-5")
COSINE_1 = float.fromhex("-0x1.6c16c16c14f91p-10")
COSINE_2 = float.fromhex("0x1.a01a019c844e7p-16")
COSINE_3 = float.fromhex("-0x1.27e4f7eac3cadp-22")
COSINE_4 = float.fromhex("0x1.1ee9d7b41830fp-29")
COSINE_5 = float.fromhex("-0x1.8fa49990e9715p-37")
# end of what is made

INFINITY, NOT_A_NUMBER = float("inf"), float("nan")
LOG2 = LOG2_HIGH + LOG2_LOW  # the double nearest to log 2
ROUNDER = 1.5 * 2.0**52  # a double of this size has no room for a fraction: adding it rounds
FRACTION_BITS, BIAS = 52, 1023  # of a double's bits: 1 sign, 11 exponent (+ BIAS), 52 fraction
SMALLEST_NORMAL = 2.0**-1022
TO_NORMAL_BITS = 54
TO_NORMAL = 2.0**TO_NORMAL_BITS  # lifts every denormal above SMALLEST_NORMAL
UPPER_HALF = -(2**27)  # the sign, the exponent and the first 25 bits of a fraction
ROOT_HALF_BITS = 0x3FE6A09E667F3BCD  # of the square root of 1/2
LOG1P_LOW, LOG1P_HIGH = -0.25, 0.375  # between these, log1p(x) needs no 1 + x
EXP_LOW, EXP_HIGH = -746.0, 710.0  # beyond, exp is 0 or infinite
EXPM1_LOW = -40.0  # below, expm1 is -1
MOST_EXACT = 40  # 2^-k + 1 is a double for k up to this
SHARE_BITS = 26  # of the leading part of a share of a turn
SHARE_UNIT = 2.0**-SHARE_BITS


@rule
def power_of_2(exponent: int) -> float:
    """2 ** exponent, for -1022 <= exponent <= 1023."""
    return of_bits((exponent + BIAS) << FRACTION_BITS)


@rule
def scaled(value: float, exponent: int) -> float:
    """value 2 ** exponent, rounded once; `value` of a size near 1, -1090 < exponent < 1040."""
    if -1020 <= exponent <= BIAS:
        return value * power_of_2(exponent)
    half = exponent >> 1
    return value * power_of_2(half) * power_of_2(exponent - half)


@rule
def exp_rest(r: float) -> float:
    """exp(r) - 1 - r for |r| <= log(2) / 2: r^2 / 2 + r^3 p(r)."""
    r2 = r * r
    r4 = r2 * r2
    low = (EXP_0 + EXP_1 * r) + r2 * (EXP_2 + EXP_3 * r)
    high = (EXP_4 + EXP_5 * r) + r2 * (EXP_6 + EXP_7 * r)
    return 0.5 * r2 + r2 * r * (low + r4 * (high + r4 * (EXP_8 + EXP_9 * r)))


@rule
def exp_of_sum(x: float, more: float) -> float:
    """e ** (x + more), for a `more` that x hardly notices: it may be lost in x + more.

    With k = x / log 2 rounded and r = x - k log 2 it is 2^k (1 + r + r^2 / 2 + r^3 p(r)).
    """
    if not EXP_LOW < x < EXP_HIGH:
        if x > 0.0:
            return INFINITY
        return 0.0 if x < 0.0 else x
    turns = (x * PER_LOG2 + ROUNDER) - ROUNDER
    high = x - turns * LOG2_HIGH  # exact
    low = turns * LOG2_LOW - more
    r = high - low
    lost = (high - r) - low
    whole = 1.0 + r
    rest = exp_rest(r) + (lost + ((1.0 - whole) + r))
    return scaled(whole + rest, int(turns))


@rule
def exp(x: float) -> float:
    """e ** x. Error below 0.75 ulp, 1 where the result is denormal.

    exp(-inf) is 0, exp(inf) and what is too large are inf, nan is nan.
    """
    return exp_of_sum(float(x), 0.0)


@rule
def expm1(x: float) -> float:
    """e ** x - 1 without cancellation near 0: 2^k ((1 - 2^-k) + exp(r) - 1), k and r as in `exp`.

    Error below 0.8 ulp. expm1(-inf) is -1, expm1(inf) inf, nan is nan, expm1(-0) is 0.
    """
    x = float(x)
    if not EXPM1_LOW < x < EXP_HIGH:
        if x > 0.0:
            return INFINITY
        return -1.0 if x < 0.0 else x
    turns = (x * PER_LOG2 + ROUNDER) - ROUNDER
    k = int(turns)
    if k == 0:
        return x + exp_rest(x)
    high = x - turns * LOG2_HIGH  # exact
    low = turns * LOG2_LOW
    r = high - low
    lost = (high - r) - low
    base = 1.0
    if k <= MOST_EXACT:
        base = 1.0 - power_of_2(-k)
    else:
        lost = lost - power_of_2(-min(k, BIAS - 1))
    whole = base + r
    rest = exp_rest(r) + (lost + ((base - whole) + r))
    return scaled(whole + rest, k)


@rule
def log_rest(f: float) -> float:
    """f - log(1 + f), for 1 + f from the root of 1/2 to that of 2.

    With s = f / (2 + f), log(1 + f) = 2 artanh s = 2 s + s R, where R = s^2 p(s^2); and as
    2 s = f - s f and s f = f^2 / 2 - s f^2 / 2, what is left is f^2 / 2 - s (f^2 / 2 + R).
    """
    s = ratio(f, 2.0 + f)
    z = s * s
    z2 = z * z
    half = 0.5 * f * f
    low = LOG_0 + LOG_1 * z + z2 * (LOG_2 + LOG_3 * z)
    series = z * (low + z2 * z2 * (LOG_4 + LOG_5 * z + z2 * LOG_6))
    return half - s * (half + series)


@rule
def log_of_parts(f: float, k: int, lost: float) -> tuple[float, float]:
    """log(2^k (1 + f)) + lost, in two parts; 1 + f from root 1/2 to root 2."""
    turns = float(k)
    base = turns * LOG2_HIGH  # exact
    whole = base + f
    return whole, ((base - whole) + f) - (log_rest(f) - (turns * LOG2_LOW + lost))


@rule
def log_in_parts(x: float) -> tuple[float, float]:
    """log x as a sum whose second part is small, for 0 < x < inf."""
    k = 0
    if x < SMALLEST_NORMAL:
        x = x * TO_NORMAL
        k = -TO_NORMAL_BITS
    bits = bits_of(x)
    exponent = (bits - ROOT_HALF_BITS) >> FRACTION_BITS
    f = of_bits(bits - (exponent << FRACTION_BITS)) - 1.0
    whole, rest = log_of_parts(f, k + exponent, 0.0)
    total = whole + rest
    return total, (whole - total) + rest


@rule
def log(x: float) -> float:
    """Natural logarithm: k log 2 + log(1 + f), for x = 2^k (1 + f).

    Error below 0.9 ulp. log(0) is -inf, of a negative number nan, log(inf) inf, nan is nan.
    """
    x = float(x)
    if not 0.0 < x < INFINITY:
        if x == 0.0:
            return -INFINITY
        return x if x > 0.0 else NOT_A_NUMBER
    total, _ = log_in_parts(x)
    return total


@rule
def log1p(x: float) -> float:
    """log(1 + x) without loss near 0: as `log`, of 1 + x and of what its rounding lost.

    Error below 0.8 ulp. log1p(-1) is -inf, below nan, log1p(inf) inf, nan is nan, -0 is -0.
    """
    x = float(x)
    if LOG1P_LOW < x < LOG1P_HIGH:
        return x - log_rest(x)
    if not -1.0 < x < INFINITY:
        if x == -1.0:
            return -INFINITY
        return x if x > 0.0 else NOT_A_NUMBER
    moved = 1.0 + x
    lost = x - (moved - 1.0) if x < 1.0 else 1.0 - (moved - x)
    bits = bits_of(moved)
    exponent = (bits - ROOT_HALF_BITS) >> FRACTION_BITS
    f = of_bits(bits - (exponent << FRACTION_BITS)) - 1.0
    whole, rest = log_of_parts(f, exponent, ratio(lost, moved))
    return whole + rest


@rule
def square(x: float) -> float:
    """x x, correctly rounded: x ** 2 is the C library's pow, which need not be."""
    return x * x


@rule
def power(base: float, exponent: float) -> float:
    """base ** exponent for 0 < base < inf: e ** (exponent log base), the logarithm in two parts.

    Error below 0.7 + |exponent| / 16 ulp.
    """
    whole, rest = log_in_parts(float(base))
    exponent = float(exponent)
    main = exponent * whole
    # what the product lost (Dekker 1971): each factor in two halves, whose products are exact
    a = of_bits(bits_of(exponent) & UPPER_HALF)
    b = of_bits(bits_of(whole) & UPPER_HALF)
    c, d = exponent - a, whole - b
    lost = ((a * b - main) + (a * d + c * b)) + c * d
    return exp_of_sum(main, lost + exponent * rest)


@rule
def sine_of_eighth(high: float, low: float) -> float:
    """sin(2 pi (high + low)) for 0 <= high + low <= 1/8, `high` a number of SHARE_BITS bits."""
    main = high * TURN_HIGH  # exact
    rest = high * TURN_LOW + low * (TURN_HIGH + TURN_LOW)
    angle = main + rest
    z = angle * angle
    z2 = z * z
    series = SINE_0 + SINE_1 * z + z2 * (SINE_2 + SINE_3 * z + z2 * (SINE_4 + SINE_5 * z))
    return angle + (((main - angle) + rest) + angle * z * series)


@rule
def cosine_of_eighth(high: float, low: float) -> float:
    """cos(2 pi (high + low)) for 0 <= high + low <= 1/8, `high` a number of SHARE_BITS bits."""
    angle = high * TURN_HIGH + (high * TURN_LOW + low * (TURN_HIGH + TURN_LOW))
    z = angle * angle
    z2 = z * z
    half = 0.5 * z
    series = (
        COSINE_0 + COSINE_1 * z + z2 * (COSINE_2 + COSINE_3 * z + z2 * (COSINE_4 + COSINE_5 * z))
    )
    whole = 1.0 - half
    return whole + (((1.0 - whole) - half) + z2 * series)


@rule
def cosine(part: int, whole: int) -> float:
    """cos(2 pi part / whole), for integers and 1 <= whole <= 2^30.

    Whole turns, halves and quarters are taken off in integers, so that the wave repeats itself
    and mirrors itself exactly: cos(2 pi n / n) is 1 and cos(2 pi n / 4n) is 0. Error below 0.9 ulp.
    """
    steps = part % whole
    steps = min(steps, whole - steps)  # cos(-a) = cos a
    sign = 1.0
    if 4 * steps > whole:  # cos(pi - a) = -cos a; in half steps, as `whole` may be odd
        sign = -1.0
    doubled = 2 * steps if sign > 0.0 else whole - 2 * steps
    # 0 <= doubled / (2 whole) <= 1/4 of a turn
    whole = 2 * whole
    is_sine = 8 * doubled > whole  # cos a = sin(pi/2 - a)
    if is_sine:
        doubled, whole = whole - 4 * doubled, 4 * whole
    units = (doubled << SHARE_BITS) // whole
    left = (doubled << SHARE_BITS) - units * whole
    high = units * SHARE_UNIT
    low = ratio(float(left), float(whole)) * SHARE_UNIT
    if is_sine:
        return sign * sine_of_eighth(high, low)
    return sign * cosine_of_eighth(high, low)
