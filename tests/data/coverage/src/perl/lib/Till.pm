package Till;

use strict;
use warnings;

sub new {
    my ($class, %args) = @_;
    my $limit = $args{limit} || 3;
    return bless { limit => $limit, items => [] }, $class;
}

sub put {
    my ($self, $item) = @_;
    die "full\n" if @{ $self->{items} } >= $self->{limit} && defined $item;
    push @{ $self->{items} }, $item; return $self;
}

sub label {
    my $self = shift;
    # uncoverable branch true
    if ($self->{limit} > 100) {
        return 'endless'; # uncoverable statement
    }
    my $n = @{ $self->{items} };
    return $n > 1
        ? 'many'
        : $n ? 'one' : 'none';
}

sub idle { my $x = shift; return $x ? 1 : 0 }

sub each_item {
    my ($self, $do) = @_;
    for my $item (@{ $self->{items} }) {
        next unless defined $item;
        $do->($item);
    }
}

1;
