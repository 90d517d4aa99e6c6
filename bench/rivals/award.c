/* The award and the first adjustment as a C programmer would write them by hand: national formula only, tables as
 * constants (tables.h is printed from the rulebook), all money in fen, every half rounded up. The contribution years
 * are kept in 1/30000 of a year, which holds twelfths, hundredths and ten-thousandths exactly.
 *
 * Compiled twice: with CHECKED each fact is held against its declared range and each table against its holes, and a
 * row that fails gets a status and no amounts, which is what Shebao does; without, the input is trusted.
 */
#include <stdint.h>
#include "tables.h"

#define CHUNK 65536 /* rows a thread takes at a time */

typedef int64_t i64;

static inline i64 years_30000(i64 months, int digits)
{
    if (digits == 2) return 300 * ((25 * (uint64_t)months + 1) / 3);
    if (digits == 4) return 3 * ((2500 * (uint64_t)months + 1) / 3);
    return 2500 * months;
}

static inline i64 divisor_10(i64 retirement, i64 birth, i64 region)
{
    uint32_t lived = (uint32_t)(retirement - birth), age = lived / 12, beyond = lived % 12;
    i64 whole = ANNUITY_MONTHS[age];
    if (retirement < INTERPOLATION_BEGINS || beyond == 0 || retirement < INTERPOLATED_FROM[region]) return 10 * whole;
    i64 next = ANNUITY_MONTHS[age + 1];
    return (uint64_t)((whole * (12 - beyond) + next * beyond) * 10 + 6) / 12;
}

#ifdef CHECKED
#define OUTSIDE(x, low, high) ((uint64_t)((i64)(x) - (low)) > (uint64_t)((high) - (low)))
#define REFUSE(code) do { status[i] = (code); return; } while (0)
#endif

static inline void person(i64 i, const int8_t *region, const int32_t *birth_month, const int32_t *retirement_month,
                          const int32_t *contribution_months, const int32_t *deemed_months, const int32_t *average_index,
                          const i64 *account_balance, const int8_t *hardship_area, i64 *restrict basic_pension,
                          i64 *restrict account_pension, i64 *restrict transitional_pension,
                          i64 *restrict monthly_pension, i64 *restrict adjustment, i64 *restrict adjusted_pension,
                          int16_t *restrict status)
{
    i64 r = region[i], retired = retirement_month[i], born = birth_month[i];
    i64 months = contribution_months[i], deemed = deemed_months[i], index = average_index[i], balance = account_balance[i];
#ifdef CHECKED
    if (OUTSIDE(r, REGION_LOW, REGION_HIGH)) REFUSE(1);
    if (OUTSIDE(retired, RETIREMENT_MONTH_LOW, RETIREMENT_MONTH_HIGH)) REFUSE(2);
    if (OUTSIDE(born, BIRTH_MONTH_LOW, BIRTH_MONTH_HIGH)) REFUSE(3);
    if (OUTSIDE(months, CONTRIBUTION_MONTHS_LOW, CONTRIBUTION_MONTHS_HIGH)) REFUSE(4);
    if (OUTSIDE(deemed, DEEMED_MONTHS_LOW, DEEMED_MONTHS_HIGH)) REFUSE(5);
    if (OUTSIDE(index, AVERAGE_INDEX_LOW, AVERAGE_INDEX_HIGH)) REFUSE(6);
    if (OUTSIDE(balance, ACCOUNT_BALANCE_LOW, ACCOUNT_BALANCE_HIGH)) REFUSE(7);
    if (OUTSIDE(hardship_area[i], 0, 1)) REFUSE(8);
    if (OUTSIDE(retired, FIRST_MONTH, LAST_MONTH)) REFUSE(9);
    i64 lived = retired - born;
    if (OUTSIDE(lived, 12 * YOUNGEST, 12 * OLDEST)) REFUSE(10);
    if (BASE_WAGE[r][retired / 12 - FIRST_YEAR] == 0 || TRANSITION_RATE[r] == 0 || FIXED_AMOUNT[r] == 0) REFUSE(11);
#endif
    i64 year = (uint32_t)retired / 12;
    i64 base_year = year == LATEST_BASE_YEAR[r] + 1 ? LATEST_BASE_YEAR[r] : year;
    i64 base = BASE_WAGE[r][base_year - FIRST_YEAR];
    i64 indexed = (uint64_t)(base * index + 5000) / 10000;
    int digits = YEAR_DIGITS[r];
    i64 basic = (uint64_t)((base + indexed) * years_30000(months, digits) + 3000000) / 6000000;
    i64 divisor = divisor_10(retired, born, r);
    i64 account = (uint64_t)(20 * balance + divisor) / (uint64_t)(2 * divisor);
    i64 transitional = (uint64_t)(indexed * years_30000(deemed, digits) * TRANSITION_RATE[r] + 15000 * TRANSITION_SCALE)
                       / (30000 * TRANSITION_SCALE);
    i64 pension = basic + account + transitional;
    i64 rise = 0;
    if (year < ADJUSTMENT_YEAR) {
        i64 age = ADJUSTMENT_YEAR - 1 - (uint32_t)born / 12;
        i64 tilt = age < 70 ? 0 : AGE_TILT[r][age >= 80 ? 2 : age >= 75 ? 1 : 0];
        i64 linked = AMOUNT_PER_YEAR[r] * (i64)((uint32_t)(months + 11) / 12)
                     + (uint64_t)(pension * PERCENT_OF_PENSION[r] + PERCENT_SCALE / 2) / PERCENT_SCALE;
        rise = FIXED_AMOUNT[r] + linked + tilt + (hardship_area[i] ? HARDSHIP_TILT[r] : 0);
    }
    basic_pension[i] = basic;
    account_pension[i] = account;
    transitional_pension[i] = transitional;
    monthly_pension[i] = pension;
    adjustment[i] = rise;
    adjusted_pension[i] = pension + rise;
#ifdef CHECKED
    status[i] = 0;
#else
    (void)status;
#endif
}

void award(i64 people, const int8_t *region, const int32_t *birth_month, const int32_t *retirement_month,
           const int32_t *contribution_months, const int32_t *deemed_months, const int32_t *average_index,
           const i64 *account_balance, const int8_t *hardship_area, i64 *restrict basic_pension,
           i64 *restrict account_pension, i64 *restrict transitional_pension, i64 *restrict monthly_pension,
           i64 *restrict adjustment, i64 *restrict adjusted_pension, int16_t *restrict status, int threads)
{
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (i64 start = 0; start < people; start += CHUNK)
        for (i64 i = start; i < people && i < start + CHUNK; i++)
            person(i, region, birth_month, retirement_month, contribution_months, deemed_months, average_index,
                   account_balance, hardship_area, basic_pension, account_pension, transitional_pension,
                   monthly_pension, adjustment, adjusted_pension, status);
}
