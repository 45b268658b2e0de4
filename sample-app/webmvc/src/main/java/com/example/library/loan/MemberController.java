package com.example.library.loan;

import java.net.URI;
import java.util.List;

import com.example.library.error.NotFoundException;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;

import org.springframework.data.domain.Sort;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/members")
class MemberController {

	private final MemberRepository members;

	MemberController(MemberRepository members) {
		this.members = members;
	}

	@GetMapping
	List<MemberView> list() {
		return this.members.findAll(Sort.by("name")).stream().map(MemberView::of).toList();
	}

	@GetMapping("/{id}")
	MemberView get(@PathVariable long id) {
		return this.members.findById(id).map(MemberView::of).orElseThrow(() -> new NotFoundException("member", id));
	}

	@PostMapping
	ResponseEntity<MemberView> create(@Valid @RequestBody NewMember newMember) {
		MemberView member = MemberView.of(this.members.save(new Member(newMember.name(), newMember.email())));
		return ResponseEntity.created(URI.create("/members/" + member.id())).body(member);
	}

	record NewMember(@NotBlank @Size(max = 200) String name, @NotBlank @Email @Size(max = 200) String email) {
	}

	record MemberView(long id, String name, String email) {

		static MemberView of(Member member) {
			return new MemberView(member.getId(), member.getName(), member.getEmail());
		}

	}

}
