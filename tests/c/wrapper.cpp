// The C++ wrapper: values, moves, exceptions.
#include <loyalty.hpp>

#include <cstdio>
#include <utility>

int main() {
    int wrong = 0;
    auto check = [&](bool holds, const char *what) {
        if (!holds) {
            std::fprintf(stderr, "%s\n", what);
            wrong++;
        }
    };
    auto first = loyalty::Program::from_json(R"({"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 200000})");
    const loyalty::Program program = std::move(first);
    check(program.decide(loyalty::Receipt(250000).digit(5)).value_rupiah == 15000, "an award");
    check(program.quote(loyalty::Receipt(150000)).missing_rupiah == 50000, "a quote");
    auto reversal = loyalty::sized<LoyaltyReversal>();
    reversal.base_rupiah = reversal.total_rupiah = 999;
    reversal.rate_bp = 350;
    reversal.issued_rupiah = -1;
    reversal.refund_rupiah = 333;
    check(loyalty::reverse(reversal).kept_rupiah == 23, "a reversal");
    check(loyalty::split_shares(1001, {5000, 4000, 1000}) == std::vector<std::int64_t>{501, 400, 100}, "a split");
    check(loyalty::call("rate.parse", R"({"text": "3.5%"})") == R"({"rate_bp":350})", "a call");
    try {
        program.decide(loyalty::Receipt(-1).digit(5));
        check(false, "a negative total is refused");
    } catch (const loyalty::Error &error) {
        check(error.status() == LOYALTY_OUT_OF_RANGE && error.kind() == "out_of_range" && error.path() == "receipt.total", "a refusal");
    }
    try {
        loyalty::Program::from_json("{}");
        check(false, "an empty program is refused");
    } catch (const loyalty::Error &error) {
        check(error.path() == "mechanism", "a refused program");
    }
    std::printf("the C++ wrapper: %d wrong\n", wrong);
    return wrong != 0;
}
