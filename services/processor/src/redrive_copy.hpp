// The records of a redrive: the copy of an event, and the mark of its letter. No I/O.
#pragma once

#include "letter.hpp"
#include "millrace/kafka/transactor.hpp"

#include <span>
#include <string>

namespace millrace::processor {

/// The event as it was, to where it was: without what the letter added, and with the letter's name.
kafka::transaction_record copy_of(const kafka::message& from, const letter& l,
                                  std::span<const field> headers);

/// `letters`: the partition of the letter.
kafka::transaction_record mark_of(const topic_partition& letters, const std::string& group,
                                  const letter_place& of, const coordinates& copy);

} // namespace millrace::processor
