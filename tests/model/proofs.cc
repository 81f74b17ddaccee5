// Authentication methods, second factors, grants and self-service: sections 3, 5, 7 and 8 as far as
// somebody proves that they are themselves.

#include <algorithm>
#include <utility>

#include "tests/model/reference.h"

namespace gatehouse::model {
namespace {

// "Two for holders of an admin role."
constexpr size_t kMethodsOfAdmins = 2;

bool IsAdmin(const Person& person) {
  return std::ranges::any_of(person.roles, [](const RoleHeld& held) {
    return held.first != v1::ROLE_AUDITOR && held.first != v1::ROLE_LOCAL_HELPDESK;
  });
}

bool Counts(const Method& method) { return method.confirmed && !method.is_printed(); }

// Whoever holds a telephone holds one method, by voice or by text.
bool IsSame(const Method& one, const Method& other) {
  return one.is_app() ? other.is_app() && one.label == other.label
                      : other.is_telephone() && one.number == other.number;
}

Method* Find(Person& person, const std::string& id) {
  const auto found = std::ranges::find(person.methods, id, &Method::id);
  return found == person.methods.end() ? nullptr : &*found;
}

// What a wrong id of it is answered with.
Reasons Invalid(Purpose purpose) {
  switch (purpose) {
    case Purpose::kRegistration:
      return {"AUTHENTICATION_METHOD_INVALID"};
    case Purpose::kSecondFactor:
      return {"CHALLENGE_INVALID"};
    default:
      return {"RESET_INVALID"};
  }
}

}  // namespace

bool Reference::NeedsMethod(const Person& person) const {
  return admins_need_method && IsAdmin(person);
}

size_t Reference::MethodsNeeded(const Person& person) {
  return IsAdmin(person) ? kMethodsOfAdmins : 1;
}

size_t Reference::MethodsOf(const Person& person) {
  return static_cast<size_t>(std::ranges::count_if(person.methods, Counts));
}

Methods Reference::OfferedTo(const Person& person, Purpose purpose) {
  Methods offered;
  for (const Method& method : person.methods) {
    const bool is_offered = purpose == Purpose::kReset ? Counts(method) : method.confirmed;
    if (is_offered) offered[method.id] = method.kind;
  }
  return offered;
}

bool Reference::HasMethod(const Person& person, const Method& method) {
  return std::ranges::any_of(
      person.methods, [&](const Method& other) { return Counts(other) && IsSame(method, other); });
}

// --- What is refused, and why --------------------------------------------------------------------

bool Reference::IsOpen(const Proof& proof) const {
  const Person& person = people[proof.person];
  const bool died = proof.purpose != Purpose::kDecoyReset && proof.epoch != person.epoch;
  // Whoever is locked out is told nothing else at a sign-in, not even that.
  const bool shut = proof.purpose == Purpose::kSecondFactor && person.locked;
  return !proof.used && !died && !shut && now < proof.ends;
}

// Where a method is due in a RESTRICTED session, it comes last.
Reasons Reference::JudgeMethods(const Session& session) const {
  if (LifeOf(session) == Life::kOver) return {"SESSION_INVALID"};
  const bool is_due = !session.asked.empty() &&
                      session.asked.front() == v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD;
  return session.full || is_due ? Reasons() : Reasons{"SESSION_RESTRICTED"};
}

Reasons Reference::JudgeRegistration(const Session& session, const Method& method,
                                     bool proven) const {
  const Reasons session_wrong = JudgeMethods(session);
  if (!session_wrong.empty()) return session_wrong;
  if (!proven) return {"PASSWORD_WRONG"};
  const Person& person = people[session.person];
  if (HasMethod(person, method)) return {"AUTHENTICATION_METHOD_EXISTS"};
  const bool is_sent = method.is_telephone();
  return is_sent && IsFull(person.sent_codes, Purpose::kRegistration, kSentCodesPerDay)
             ? Reasons{"CODES_EXHAUSTED"}
             : Reasons();
}

// "Removing the last one is refused where a role demands it."
Reasons Reference::JudgeRemoval(const Session& session, const std::string& method_id,
                                bool proven) const {
  if (LifeOf(session) == Life::kOver) return {"SESSION_INVALID"};
  if (!session.full) return {"SESSION_RESTRICTED"};
  const Person& person = people[session.person];
  const auto found = std::ranges::find(person.methods, method_id, &Method::id);
  const bool is_there = found != person.methods.end();
  Reasons reasons;
  if (!proven) reasons.insert("PASSWORD_WRONG");
  if (is_there && Counts(*found) && NeedsMethod(person) && MethodsOf(person) == 1) {
    reasons.insert("AUTHENTICATION_METHOD_LAST");
  }
  if (reasons.empty() && !is_there) return {"AUTHENTICATION_METHOD_INVALID"};
  return reasons;
}

Reasons Reference::JudgeSignIn(const Person& person) const {
  Reasons reasons = JudgeEntry(person);
  if (person.locked) reasons.insert("ACCOUNT_LOCKED");
  return reasons;
}

// "Not within 24 h of joining; not DISABLED or DELETED; not between a resecure and the completion
// of its required actions."
Reasons Reference::JudgeReset(const Person& person) const {
  const v1::AccountStatus status = StandingOf(person).status;
  Reasons reasons;
  if (status == v1::ACCOUNT_STATUS_DISABLED) reasons.insert("ACCOUNT_DISABLED");
  if (status == v1::ACCOUNT_STATUS_DELETED) reasons.insert("ACCOUNT_DELETED");
  if (now < person.joined + kHold) reasons.insert("ORGANISATION_HOLD");
  if (person.resecured) reasons.insert("RESECURE_PENDING");
  if (MethodsOf(person) < MethodsNeeded(person)) reasons.insert("AUTHENTICATION_METHOD_REQUIRED");
  return reasons;
}

Reasons Reference::JudgeResetCompletion(const Proof& proof, const std::string& password) const {
  if (!IsOpen(proof) || proof.proven.empty()) return Invalid(proof.purpose);
  const Person& person = people[proof.person];
  Reasons reasons = JudgeReset(person);
  if (proof.proven.size() < MethodsNeeded(person)) reasons.insert("AUTHENTICATION_METHOD_REQUIRED");
  return reasons.empty() ? JudgeGivenPassword(person, password) : reasons;
}

// "Bound to agent, account, organisation and secret version; usable for one operation, once,
// within 10 minutes."
Reasons Reference::JudgeGrant(const Grant& grant, PersonIndex agent, PersonIndex index) const {
  const Person& person = people[index];
  const bool is_good = !grant.used && now < grant.ends && grant.agent == agent &&
                       grant.person == index && grant.organisation == person.organisation &&
                       grant.secrets == person.secrets_ever.size() && grant.epoch == person.epoch;
  return is_good ? Reasons() : Reasons{"VERIFICATION_INVALID"};
}

// --- What is done --------------------------------------------------------------------------------

bool Reference::IsFull(const Tally& tally, Purpose purpose, int most) const {
  return most <= std::ranges::count_if(tally, [&](const auto& counted) {
           return counted.first == purpose && now - counted.second <= kCodeWindow;
         });
}

// Of what is sent only the latest is good.
Reasons Reference::Send(Proof& proof, const std::string& method_id) {
  if (!IsOpen(proof)) return Invalid(proof.purpose);
  Person& person = people[proof.person];
  const auto offered = proof.offered.find(method_id);
  const bool is_there = proof.purpose == Purpose::kDecoyReset || Find(person, method_id) != nullptr;
  if (offered == proof.offered.end() || !is_there ||
      !Method{.kind = offered->second}.is_telephone()) {
    return {"AUTHENTICATION_METHOD_INVALID"};
  }
  if (IsFull(person.sent_codes, proof.purpose, kSentCodesPerDay)) return {"CODES_EXHAUSTED"};
  person.sent_codes.emplace_back(proof.purpose, now);
  proof.sent = {
      .method_id = method_id, .text = "", .ends = std::min(now + kSentCodeLifetime, proof.ends)};
  return {};
}

size_t Reference::Begin(Purpose purpose, PersonIndex person, std::string id, Methods offered) {
  const bool is_reset = purpose == Purpose::kReset || purpose == Purpose::kDecoyReset;
  proofs.push_back({.purpose = purpose,
                    .id = std::move(id),
                    .person = person,
                    .epoch = people[person].epoch,
                    .ends = now + (is_reset ? kResetLifetime : kProofLifetime),
                    .offered = std::move(offered)});
  return proofs.size() - 1;
}

// A code of an app's clock once, and none before it again; a printed one once; the one that was
// sent while it is good.
bool Reference::UseCode(const Proof& proof, Method& method, const Code& code) const {
  if (method.is_telephone()) {
    return proof.sent.has_value() && proof.sent->method_id == method.id &&
           proof.sent->text == code.text && now < proof.sent->ends;
  }
  if (method.is_printed()) {
    return std::ranges::count(method.printed, code.text) > 0 &&
           method.crossed_out.insert(code.text).second;
  }
  const int64_t present = (now - absl::UnixEpoch()) / kStepOfApp;
  for (const int64_t step : code.steps) {
    if (step <= method.last_step || step < present - 1 || step > present + 1) continue;
    method.last_step = step;
    return true;
  }
  return false;
}

Reasons Reference::Try(Proof& proof, const std::string& method_id, const Code& code) {
  if (!IsOpen(proof)) return Invalid(proof.purpose);
  Person& person = people[proof.person];
  Method* const method = Find(person, method_id);
  const bool is_gone = method == nullptr && proof.purpose != Purpose::kDecoyReset;
  if (is_gone || proof.offered.count(method_id) == 0 || proof.proven.count(method_id) > 0) {
    return {"AUTHENTICATION_METHOD_INVALID"};
  }
  if (proof.wrong_codes >= kCodeTries ||
      IsFull(person.wrong_codes, proof.purpose, kWrongCodesPerDay)) {
    return {"CODES_EXHAUSTED"};
  }
  if (proof.purpose == Purpose::kDecoyReset || !UseCode(proof, *method, code)) {
    ++proof.wrong_codes;
    person.wrong_codes.emplace_back(proof.purpose, now);
    return {"CODE_INVALID"};
  }
  proof.proven.insert(method_id);
  proof.sent.reset();
  // Printed codes end with the last of them.
  std::erase_if(person.methods, [](const Method& other) {
    return other.is_printed() && other.confirmed &&
           other.crossed_out.size() == other.printed.size();
  });
  return {};
}

Reasons Reference::TryConfirmation(const Session& session, const std::string& method_id,
                                   const Code& code) {
  const Reasons session_wrong = JudgeMethods(session);
  if (!session_wrong.empty()) return session_wrong;
  const auto proof = std::ranges::find_if(proofs, [&](const Proof& begun) {
    return begun.purpose == Purpose::kRegistration && begun.id == method_id;
  });
  if (proof == proofs.end() || proof->person != session.person) {
    return {"AUTHENTICATION_METHOD_INVALID"};
  }
  Reasons reasons = Try(*proof, method_id, code);
  if (reasons.empty()) proof->used = true;
  return reasons;
}

// One of the kind that was registered before and never confirmed makes way, and the same telephone.
size_t Reference::Register(PersonIndex index, const Method& method) {
  Person& person = people[index];
  std::erase_if(person.methods, [&](const Method& other) {
    return !other.confirmed && (other.kind == method.kind || IsSame(method, other));
  });
  const size_t proof = Begin(Purpose::kRegistration, index, method.id, {{method.id, method.kind}});
  person.methods.push_back(method);
  if (method.is_telephone()) Send(proofs[proof], method.id);
  return proof;
}

void Reference::Confirm(Person& person, const std::string& method_id) {
  Find(person, method_id)->confirmed = true;
}

// With the last one go the printed codes, which alone are good for nothing.
void Reference::RemoveMethod(Person& person, const std::string& method_id) {
  const bool is_last = Counts(*Find(person, method_id)) && MethodsOf(person) == 1;
  std::erase_if(person.methods,
                [&](const Method& method) { return is_last || method.id == method_id; });
}

void Reference::ForgetWrongCodes(Person& person) {
  std::erase_if(person.wrong_codes, [](const auto& wrong) {
    return wrong.first == Purpose::kSecondFactor || wrong.first == Purpose::kRegistration;
  });
}

void Reference::ResetMethods(Person& person) {
  person.methods.clear();
  ForgetWrongCodes(person);
  EndSessions(person);
}

void Reference::CompleteReset(Proof& proof, const std::string& password) {
  Person& person = people[proof.person];
  proof.used = true;
  ChangePassword(person, password);
  Unlock(person);
  EndSessions(person);
}

}  // namespace gatehouse::model
