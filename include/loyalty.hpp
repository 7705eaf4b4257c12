// loyalty.hpp: loyalty.h for C++17, as values that free themselves and refusals that are exceptions. Header only.
//
//     loyalty::Program program = loyalty::Program::from_json(document);
//     loyalty::Receipt receipt(250000);
//     receipt.digit(5);
//     LoyaltyAward award = program.decide(receipt);
//     std::string answer = loyalty::call("rate.parse", R"({"text": "3.5%"})");

#ifndef LOYALTY_HPP
#define LOYALTY_HPP

#include <loyalty.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty {

/// A refused call: its status, kind and path; what() is the English message.
class Error : public std::runtime_error {
  public:
    explicit Error(const LoyaltyError &error)
        : std::runtime_error(error.message_en), status_(error.status), kind_(error.kind), path_(error.path),
          message_id_(error.message_id) {}

    std::int32_t status() const noexcept { return status_; }
    const std::string &kind() const noexcept { return kind_; }
    const std::string &path() const noexcept { return path_; }
    /// The message in Bahasa Indonesia.
    const std::string &message_id() const noexcept { return message_id_; }

  private:
    std::int32_t status_;
    std::string kind_, path_, message_id_;
};

/// A struct of loyalty.h that is zero but for its size.
template <class Struct> Struct sized() noexcept {
    Struct value{};
    value.struct_size = static_cast<std::uint32_t>(sizeof(Struct));
    return value;
}

/// Throws the refusal that `call(error)` tells.
template <class Call> void check(Call &&call) {
    LoyaltyError error = sized<LoyaltyError>();
    if (call(&error) != LOYALTY_OK)
        throw Error(error);
}

/// A receipt as the till knows it.
struct Receipt : LoyaltyReceipt {
    explicit Receipt(std::int64_t total, std::int64_t paid_by_voucher = 0) noexcept : LoyaltyReceipt(sized<LoyaltyReceipt>()) {
        total_rupiah = total;
        paid_by_voucher_rupiah = paid_by_voucher;
    }
    Receipt &digit(std::int32_t digit) noexcept { return play_column(LOYALTY_PLAY_DIGIT, digit); }
    Receipt &slot(std::int32_t slot) noexcept { return play_column(LOYALTY_PLAY_SLOT, slot); }
    Receipt &bought_at(const LoyaltyTime &time) noexcept {
        play = LOYALTY_PLAY_AT;
        at = time;
        return *this;
    }

  private:
    Receipt &play_column(std::int32_t kind, std::int32_t number) noexcept {
        play = kind;
        column = number;
        return *this;
    }
};

/// A proved program; may be moved, and used from any number of threads at once.
class Program {
  public:
    static Program from_json(std::string_view document) {
        LoyaltyProgram *program = nullptr;
        check([&](LoyaltyError *error) { return loyalty_program_from_json(document.data(), document.size(), &program, error); });
        return Program(program);
    }
    static Program from_compiled(const std::vector<std::uint8_t> &compiled) {
        LoyaltyProgram *program = nullptr;
        check([&](LoyaltyError *error) { return loyalty_program_from_compiled(compiled.data(), compiled.size(), &program, error); });
        return Program(program);
    }

    /// Pointers may be null, as loyalty_award_decide says.
    LoyaltyAward decide(const LoyaltyReceipt &receipt, const LoyaltyShopper *shopper = nullptr, const LoyaltyMerchant *merchant = nullptr,
                        const LoyaltyCounters *counters = nullptr) const {
        LoyaltyAward award = sized<LoyaltyAward>();
        check([&](LoyaltyError *error) { return loyalty_award_decide(get(), &receipt, shopper, merchant, counters, &award, error); });
        return award;
    }
    LoyaltyQuote quote(const LoyaltyReceipt &receipt, const LoyaltyShopper *shopper = nullptr, const LoyaltyMerchant *merchant = nullptr,
                       const LoyaltyCounters *counters = nullptr) const {
        LoyaltyQuote quote = sized<LoyaltyQuote>();
        check([&](LoyaltyError *error) { return loyalty_award_quote(get(), &receipt, shopper, merchant, counters, &quote, error); });
        return quote;
    }
    /// The handle, for the calls of loyalty.h.
    const LoyaltyProgram *get() const noexcept { return program_.get(); }

  private:
    struct Free {
        void operator()(LoyaltyProgram *program) const noexcept { loyalty_program_free(program); }
    };
    explicit Program(LoyaltyProgram *program) noexcept : program_(program) {}
    std::unique_ptr<LoyaltyProgram, Free> program_;
};

/// What a voucher keeps after a refund.
inline LoyaltyKept reverse(const LoyaltyReversal &reversal) {
    LoyaltyKept kept = sized<LoyaltyKept>();
    check([&](LoyaltyError *error) { return loyalty_award_reverse(&reversal, &kept, error); });
    return kept;
}

/// Splits an amount by shares in basis points.
inline std::vector<std::int64_t> split_shares(std::int64_t amount, const std::vector<std::uint32_t> &shares_bp) {
    std::vector<std::int64_t> parts(shares_bp.size());
    check([&](LoyaltyError *error) { return loyalty_split_shares(amount, shares_bp.data(), shares_bp.size(), parts.data(), error); });
    return parts;
}

/// Answers an operation by its name. A refused request is an answer too: the error object.
inline std::string call(const std::string &name, std::string_view request) {
    char *answer = nullptr;
    std::size_t len = 0;
    const std::int32_t status = loyalty_call(name.c_str(), request.data(), request.size(), &answer, &len);
    if (answer == nullptr)
        throw std::runtime_error("loyalty_call: status " + std::to_string(status));
    const std::unique_ptr<char, void (*)(char *)> freed(answer, loyalty_free);
    return std::string(answer, len);
}

} // namespace loyalty

#endif
